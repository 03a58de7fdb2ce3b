"""Stage three, judging: rows that break a rule go to the quarantine, with a reason for each column."""
