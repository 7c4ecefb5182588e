"""Universal subsidy [全民补贴] (MODES 2): the pure engine. Not in the registry yet: no mall can switch it on."""
