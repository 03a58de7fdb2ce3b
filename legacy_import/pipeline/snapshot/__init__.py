"""Stage one, snapshot: a consistent copy of the live SQLite file by its online backup API; no writer waits for it."""
