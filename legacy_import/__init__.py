"""The reversible import of 13 SQLite files, its ledger and its proof."""
