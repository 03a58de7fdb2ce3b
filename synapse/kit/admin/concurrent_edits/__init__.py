"""Optimistic concurrency in the admin: two people edit one row at the same time, and neither loses an edit.

Nobody reserves a row by opening its page. Instead every form sends back what it showed, and the save compares that with
what is stored by then. This folder is that comparison, for the page of a row, inline rows, cells of a list, and
deletes.

**Three-way merge, field by field.** Each field has three values: the one the page showed (base), the one stored now
(theirs), the one typed (mine). `field_merge.ThreeWayField` compares them; the base travels in a hidden input
(`show_hidden_initial`, set by `editable.ExactFields`).

    theirs changed   mine changed   result
    no               no             nothing is written
    no               yes            mine is written
    yes              no             theirs stays, and the person is told who changed it (a merge)
    yes              yes, alike     nothing is written
    yes              yes, differs   a conflict: nothing of the page is saved until the person chooses

**Where it is decided which edit stays:** `field_merge.ThreeWayField` (`_has_changed`, `is_conflict`) for one field,
`row_merge.ThreeWayMergeForm` (`clean`, `_apply_choices`) for the row. Between two people nobody wins by rank: the
second one sees both values and chooses. Only the columns that the form reports as changed are saved
(`editable.TableAdmin.save_model`), so a field that was only shown never overwrites anything. Between a person and an
import the person's edit wins; the import decides that (legacy_import/pipeline), not this folder.

**Row lock.** The comparison and the save run in one transaction that holds SELECT … FOR NO KEY UPDATE on the row
(`row_locks`), so that what was compared is what is overwritten. `concurrent_edit_admin` opens it.

**Inline rows** are locked through their parent and merged one by one; one that somebody deleted meanwhile is left
deleted or brought back as the change log has it, with this person's changes (`inline_rows`).

**List cells** edited in place: a conflicting row is refused with a message, the others are saved (`list_cells`).

**Deletes.** The confirmation carries a fingerprint of each column it was shown for; where one differs by then it asks
again (`delete_confirmation`). An edit of a row that is gone answers 410 Gone with what was typed, to be copied
(`edit_of_deleted_row`).

**Idempotent adds.** The form of a new row carries an idempotency key, of which the row's key is derived: sent twice, it
adds one row (`idempotent_add`).

    concurrent_edit_admin   ConcurrentEditAdmin, the mixin of editable pages: transactions, locks, what is told
    field_merge             one field's three values
    row_merge               one row's form: which edits are kept, which fields conflict, what the person chose
    inline_rows             the formset of inline rows
    list_cells              the formset of a list edited in place
    delete_confirmation     ConcurrentDeleteAdmin: deletes only what the person has seen
    edit_of_deleted_row     what was typed into the page of a row that somebody deleted
    conflict_report         conflicts, deleted inline rows and merges in words, for templates and messages
    idempotent_add          one form adds one row, however often it is sent
    row_locks               the row lock, and the table lock that makes an import wait
    row_history             who changed or deleted a row: asked here, answered by the change log
    row_key_field           the hidden key field, without a query per row
"""
