"""Rows of a table out as CSV and XLSX, and back in: no value is lost, and no change is made that nobody meant.

An import is planned, previewed, and applied only as it was previewed (optimistic concurrency by the plan's digest):

    upload      uploads (a file between its preview and the decision) → sheets (any format as rows of cells)
    plan        headings (which heading means which column) → planning (row by row: new, changed, same, bad), with
                stored_rows (what the table holds), collisions (unique values), later_changes (cells edited here since
                the export) and remarks (values that look like slips); the plan itself is plans
    numbers     number_spelling (1.234,56 as a number, in both readings), decimal_marks (which one a column means, or
                the question)
    preview     preview (the plan in words, and the file of its bad rows)
    apply       applying (one transaction, changed columns only, nothing deleted), undo_links
    export      exporting (a queryset as a file)

    columns     columns (a table's columns and its natural key) with a widget each: widgets, time_widgets, json_widget
                (a value as a cell, and exactly back)
    cells       cells, formula_escaping (CSV injection), error_words (#REF!), csv_reading, csv_writing, csv_limits,
                xlsx_reading, xlsx_writing, xlsx_limits (zip bombs), errors

The admin pages are synapse.kit.admin's, the undo synapse.kit.change_log's; which tables there are, the apps say.
"""
