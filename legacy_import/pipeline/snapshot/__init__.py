"""Stage one, snapshot: a consistent copy of the live SQLite file, taken so that no writer waits for it."""
