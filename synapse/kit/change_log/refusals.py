"""Why changes can't be taken back, in sentences for a person; the page that shows them escapes them."""

from django.db import DatabaseError
from psycopg import Error, errors

from synapse.foundation.text.visible import visible
from synapse.kit.change_log.formatting import row_noun

_MAX_DETAIL_LENGTH = 160


def import_refusal_message() -> str:
    """Return the message that an import's changes are undone elsewhere."""
    return "Nothing was taken back: an import wrote this. Undo the import on the page of its run."


def describe_violated_constraint(error: DatabaseError) -> str:
    """Say which rule of the database the old values break, with its own detail."""
    cause = error.__cause__
    if not isinstance(cause, Error):
        return "Nothing was taken back: the database refused the old values."
    table = row_noun(cause.diag.table_name or "")
    match cause:
        case errors.UniqueViolation():
            why = f"another {table} has taken a value that must be there once"
        case errors.ForeignKeyViolation():
            why = f"a {table} points to a row that is not here any more; restore that one first"
        case errors.NotNullViolation():
            why = f"a {table} can't be without {cause.diag.column_name} any more"
        case errors.CheckViolation():
            why = f"the rule {cause.diag.constraint_name} of the table forbids it now"
        case _:
            why = "the table no longer takes the old values"
    detail = visible(cause.diag.message_detail or cause.diag.message_primary or "")[:_MAX_DETAIL_LENGTH]
    return f"Nothing was taken back: {why}. ({detail})"
