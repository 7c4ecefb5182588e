"""Gift packs: goods in a pack with level, rank and area awards of their own under one cap (MODES 6)."""
