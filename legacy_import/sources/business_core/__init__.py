"""The sources that land in the business core."""
