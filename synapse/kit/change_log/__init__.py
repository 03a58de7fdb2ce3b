"""Who changed which business row, when, from what to what; written by triggers in each database."""
