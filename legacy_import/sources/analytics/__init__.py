"""The sources that land in the analytics database."""
