"""Stage four, merging: each row is classified, upserted into its target and written into the ledger."""
