"""Store income: the share of a buyer's store and the award for handing over (MODES 9b)."""
