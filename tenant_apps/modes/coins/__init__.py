"""Shopping coins (MODES 11b): the pure rule of a deduction. Not in the registry yet: no mall can switch it on."""
