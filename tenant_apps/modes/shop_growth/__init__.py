"""Shops rise in level by turnover and score, and have a part of the mall's take back as fee credit (MODES 12)."""
