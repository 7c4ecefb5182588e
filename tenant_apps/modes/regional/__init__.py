"""Regional agents: a share of the orders of an area for those who hold it (MODES 8)."""
