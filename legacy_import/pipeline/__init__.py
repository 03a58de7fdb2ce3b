"""The stages a legacy row passes: snapshot, extract, stage, judge, merge, ledger."""
