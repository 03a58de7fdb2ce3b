"""The audit log: who changed which business row, when, from what to what; and taking changes back.

Triggers in each database write one `change_log` row per changed row, whoever changes it (sql/). Nothing else writes it.

    writing     sql/ (the triggers), models/ (the table), authorship, middleware (who the author is)
    reading     timeline, timeline_panel (a row's history), deleted_rows (keyset pages of deletes), column_writers
                (whose value a column holds), admin, filters (the lists), row_history, row_updates (answers to others)
    in words    words (tables, columns, values), column_changes (before and after, as a diff), row_names,
                outcome_words, refusals
    reverting   units_of_work (what one author wrote in one transaction), cascades (what a delete took along),
                reverting/ (plan and apply), permissions (who may), errors
    pages       urls, views
    others      import_runs: the runs that changes come from, answered by legacy_import
"""
