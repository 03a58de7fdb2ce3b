"""The page of the analytics numbers, one module for each of its sections."""
