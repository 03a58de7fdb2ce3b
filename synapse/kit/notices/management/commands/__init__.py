"""The commands themselves: each parses, calls one operation and prints."""
