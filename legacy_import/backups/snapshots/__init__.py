"""Snapshots as backups: what is theirs alone, restoring one into a folder, replacing the live file with one.

`kind` gives the shared catalogue, checking, choosing and pruning what they need. Nothing here needs PostgreSQL.
"""
