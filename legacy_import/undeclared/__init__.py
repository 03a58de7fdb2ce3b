"""SQLite files in the legacy folder that no source declares: found, counted, archived whole.

folder_scan   which files there are, by their first bytes
listing       their tables and rows, read once for each state of a file, and the sentence that names them
sources       such a file as a source: its path is its name, and it has no tables with a target
"""
