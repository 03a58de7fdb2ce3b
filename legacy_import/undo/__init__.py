"""Taking back what a run of the import did: all of it, or the rows one names.

What lives here: what the run did (effects), what people did since (since, references), which later runs stand on it
(later), and putting it back (put_back). What does not: the undo's own run, its locks and its dump
(legacy_import.services). Everything is sets in temporary tables named undo_…, which end with the transaction.
"""
