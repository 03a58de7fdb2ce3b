"""Dumps of the PostgreSQL databases: taken, listed, checked, pruned, restored into a new database, swapped in.

What lives here: the work on files and servers. What does not: when a dump is due, and for whom (operations.dumps).
"""
