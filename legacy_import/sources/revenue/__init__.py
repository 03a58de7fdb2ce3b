"""Sources that are merged into the revenue database."""
