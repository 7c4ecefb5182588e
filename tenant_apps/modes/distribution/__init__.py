"""Two-level (at most three-level) distribution: the promoter of a buyer, and his promoter, earn from a sale (MODES 4)."""
