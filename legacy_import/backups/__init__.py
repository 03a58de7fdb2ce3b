"""Backups: snapshots of the SQLite files and pg_dump files of the databases, catalogued, checked, chosen, pruned.

Both kinds share the modules here; `backup_kind.BackupKind` says in which respects they differ:

- `catalogue` lists a folder, `checking` verifies checksums, `choosing` picks one by time or name, `pruning` enforces
  retention.
- `snapshots/` restores a snapshot into a folder or over the live SQLite file. It needs the files alone, so it works
  while PostgreSQL is down.
- `dumps/` takes dumps with pg_dump and restores them into a new database.

Called by `services.snapshots` and `services.dumps`. Snapshots are taken by `legacy_import.pipeline.snapshot`.
"""
