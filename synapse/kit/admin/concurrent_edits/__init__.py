"""Optimistic concurrency in the admin: two people on one row, and neither loses an edit.

Every form carries the values it showed. On save, each field is merged three ways: what was shown (base), what is stored
now (theirs), what was typed (mine). A field that only one side changed is merged; one that both changed is a conflict
and is shown to the second person, who chooses.

    watched_fields   one field's three values, and how they merge
    pages            ConcurrentEditAdmin: change pages
    inline           the same for inline rows
    changelist       the same for cells edited in a list
    delete           deleting a row that somebody else edits meanwhile
    deleted_row      what was typed into the page of a row that somebody deleted
    conflict         a conflict in words
    row_locks        SELECT ... FOR UPDATE while the comparison runs
    row_history      who changed or deleted a row, answered by the change log
"""
