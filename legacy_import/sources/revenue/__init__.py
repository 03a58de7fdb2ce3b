"""The sources that land in the revenue database."""
