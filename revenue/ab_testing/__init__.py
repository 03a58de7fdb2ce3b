"""A/B tests as rows: which variant is the control, which count is the success, and what the statistics say of them.

What lives here: the way from a test's rows to a verdict and back to the words people read. What does not: the
statistics (revenue.statistics, which know no rows), writing (revenue.services), pages (revenue.admin).
"""
