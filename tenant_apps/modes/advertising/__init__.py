"""Advertising e-commerce (MODES 13a): the pure rule. Not in the registry yet: no mall can switch it on."""
