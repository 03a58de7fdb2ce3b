"""The kept snapshots as backups: what there is, whether it is sound, putting one back, removing old ones.

What lives here: everything that needs only the files, so that it works while PostgreSQL is away.
What does not: taking snapshots (legacy_import.pipeline.snapshot.snapshot), asking which import read one (operations).
"""
