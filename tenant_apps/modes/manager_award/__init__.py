"""The manager of a shop earns a tier rate of the shop's own sales of a month (MODES 9c)."""
