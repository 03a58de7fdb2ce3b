"""Stage four, merging: classified rows are merged three-way into their target and upserted into the ledger."""
