"""Undo: taking back what a run of the import did, from before-images and the change log; all of it, or rows one names.

The steps, all in sets, in temporary tables named undo_… that end with the transaction; `take_back.py` is the sequence:
1. effects            what the run wrote: ledger rows, target rows, divergences, with what they were before
2. dependent_runs     which later runs depend on it (they have to be undone first)
3. later_edits, later_choices, references     what people changed since stays: it is taken out of what goes back
4. put_back           target rows, then the ledger, divergences and the file's schema go back
Old before-images are deleted by pruning.py. The undo's own run, its locks and its dump are legacy_import.services.
"""
