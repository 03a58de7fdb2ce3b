"""Stage three, judging: rows that cannot be merged are quarantined, with a reason for each column."""
