"""Text from the database: made safe to read, and two texts compared word by word."""
