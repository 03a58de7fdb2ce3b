"""The analytics database's writes."""
