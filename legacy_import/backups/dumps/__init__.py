"""Dumps of the PostgreSQL databases: pg_dump's custom format, taken, restored into a new database, swapped in.

`kind` gives the shared catalogue, checking, choosing and pruning what they need. When a dump is due is decided in
`services.dumps`.
"""
