"""The revenue app's verbs: everything that writes, each in one transaction.

What lives here: writing. What does not: reading (revenue.querysets, revenue.ab_testing) and the pages that call.
"""
