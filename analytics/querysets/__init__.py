"""The analytics tables' reads."""
