"""The page of the revenue numbers, one module for each of its sections."""
