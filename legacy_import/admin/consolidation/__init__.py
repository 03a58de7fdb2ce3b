"""The page of the consolidation: what became of the 13 files in the 3 databases, and what waits for the operator."""
