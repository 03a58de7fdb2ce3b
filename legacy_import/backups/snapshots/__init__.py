"""Snapshots of the SQLite files as backups: their manifest, their integrity, restoring one, replacing a live file."""
