"""Commands of the whole program: each parses, calls one service and prints."""
