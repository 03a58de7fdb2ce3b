"""Sources that are merged into the business core database."""
