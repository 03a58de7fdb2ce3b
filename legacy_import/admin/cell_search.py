"""The condition that a row of the ledger has a cell with some words in it, as a person reads the cells."""

import json

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

# Flag i: either case, q: no pattern but the words themselves. Half the time of ILIKE over jsonb_each_text.
_PATH = '$.* ? (@ like_regex {} flag "iq")'
# Looked at only in the few rows the path has found: there the words may stand in a cell's tag, which nobody reads.
_OUTSIDE_TAGS = r"""
    EXISTS (
        SELECT FROM jsonb_each_text(ledger.cells) AS cell
        WHERE CASE WHEN starts_with(cell.value, E'\x01') THEN substr(cell.value, 4) ELSE cell.value END
            ~* ('***=' || %s)
    )
"""


def cell_contains_condition(words: str) -> Q:
    """Return the condition that a kept row has a cell with these words in it, in either case of letters.

    Odd texts and blobs are searched by their bytes in hex.
    """
    # Cells hold no NUL: a text that does is kept as bytes.
    if "\0" in words:
        return Q(pk__in=[])
    path = _PATH.format(json.dumps(words))
    return Q(_raw_condition("jsonb_path_exists(ledger.cells, %s::jsonpath)", path)) & Q(
        _raw_condition(_OUTSIDE_TAGS, words)
    )


def _raw_condition(sql: str, parameter: str) -> RawSQL:
    return RawSQL(sql, [parameter], output_field=BooleanField())  # noqa: S611  # constant SQL, its value a parameter
