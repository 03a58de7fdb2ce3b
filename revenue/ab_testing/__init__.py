"""A/B tests as rows: which variant is the control, which count is the success, and what the statistics say of them.

From a test's rows to a verdict (judged.py) and from the verdict to the words people read (phrases.py). The statistics
know no rows and are in revenue.statistics; revenue.services writes, revenue.admin has the pages.
"""
