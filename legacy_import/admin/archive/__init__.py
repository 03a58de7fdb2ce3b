"""The pages of the archive: legacy tables without a target, as tables and as CSV."""
