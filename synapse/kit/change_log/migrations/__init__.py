"""Schema steps, in order; raw SQL lies in the numbered files of sql/."""
