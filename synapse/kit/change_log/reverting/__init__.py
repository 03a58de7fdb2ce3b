"""Reverting changes: what they did in sum, what of it can still be taken back, and the statements that do it.

    revert            the service: preview_revert and revert_changes, each one transaction
    catalogue         the logged tables and their foreign keys, parents first, from PostgreSQL's catalogue
    revertability     the net changes per row, and per column whether it still holds what the changes left
    dead_references   references to rows that are gone: left as they are
    apply_revert      the UPDATEs, DELETEs and INSERTs, in the one order that violates no key
    outcome           what goes back and what is left as it is, as values

A column is reverted only while it holds what the change left in it, an added row only while it is as it was added; a
deleted row is restored whole (its before-image is in the log). All else is left as it is and listed, with who changed
it since: a later edit wins over a revert. The steps are a few SQL statements over whole sets each, and pass on their
results in temporary tables named revert_…, which end with the transaction.
"""
