"""Sources that are merged into the analytics database."""
