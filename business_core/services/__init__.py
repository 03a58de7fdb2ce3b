"""The business core's writes."""
