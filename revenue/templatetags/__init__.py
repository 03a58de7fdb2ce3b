"""Template tags of the revenue pages; Django finds this package by its name."""
