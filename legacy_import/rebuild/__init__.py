"""The legacy files as PostgreSQL knows them: rebuilt from rows, ledger and file shapes alone."""
