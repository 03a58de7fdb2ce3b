"""Rows out as CSV and XLSX, and back in without losing or inventing a change.

What lives here: cells, files, plans of an import and writing it. What does not: the admin pages (synapse.kit.admin),
which tables there are (the apps), undoing (synapse.kit.change_log).
"""
