"""The business core's reads."""
