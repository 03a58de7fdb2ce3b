"""Provenance of a column's value: written by a job itself, or by somebody else.

Read from the change log, so that a job that runs again follows its own figures and never overwrites a person's. A value
is the job's own as long as the column holds what the job wrote there last: an edit takes the column away from the job,
and undoing the edit gives it back. Authors are those of synapse.kit.jobs: "the job NAME", and "PERSON, by the job NAME"
where a person asked for the run. Called by the services of jobs that fill columns.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connections
from django.db.models import Model

from synapse.foundation.databases import BUSINESS_CORE

_NOTHING: Final[frozenset[str]] = frozenset()

# A NULL in an insert is nobody's choice, for blank fields of a form are written too; it counts for no writer.
_WRITERS: Final = """
    WITH said AS (
        SELECT c.row_key, n.key AS name, c.id, n.value, c.import_run IS NOT NULL AS by_import,
               c.author IS NOT NULL
                   AND (c.author = %(job)s OR right(c.author, length(%(asked)s)) = %(asked)s) AS by_job
        FROM change_log AS c CROSS JOIN LATERAL jsonb_each(c.new) AS n
        WHERE c.table_name = %(table)s AND c.row_key = ANY(%(keys)s) AND n.key = ANY(%(columns)s)
          AND NOT (c.operation = 'insert' AND n.value = 'null')
    ), latest AS (
        SELECT row_key, name,
               (array_agg(value ORDER BY id DESC) FILTER (WHERE by_job))[1] AS jobs_value,
               (array_agg(NOT by_job AND NOT by_import ORDER BY id DESC))[1] AS by_somebody
        FROM said GROUP BY row_key, name
    ), judged AS (
        SELECT l.row_key, l.name, l.by_somebody,
               coalesce(l.jobs_value = to_jsonb(t) -> l.name, false) AS is_own
        FROM latest AS l JOIN {table} AS t ON t.{key} = l.row_key
    )
    SELECT row_key, name, is_own FROM judged WHERE is_own OR by_somebody
"""


@dataclass(frozen=True, slots=True)
class Writers:
    """Of one row: the columns that hold what the job wrote, and those that hold what somebody else wrote here.

    Columns in neither hold what an import brought, or nothing.
    """

    own: frozenset[str] = _NOTHING
    others: frozenset[str] = _NOTHING


def column_writers(
    model: type[Model], keys: Collection[UUID], *, job: str, columns: Collection[str], alias: str = BUSINESS_CORE
) -> Mapping[UUID, Writers]:
    """Return whose values these columns of the rows hold, by row; in one query. A row that nobody wrote has none."""
    table, key = model._meta.db_table, str(model._meta.pk.column)
    quote = connections[alias].ops.quote_name
    author = f"the job {job}"
    parameters: dict[str, Any] = {
        "table": table,
        "keys": list(keys),
        "columns": list(columns),
        "job": author,
        "asked": f", by {author}",
    }
    found: defaultdict[UUID, dict[bool, set[str]]] = defaultdict(lambda: {True: set(), False: set()})
    with connections[alias].cursor() as cursor:
        cursor.execute(_WRITERS.format(table=quote(table), key=quote(key)), parameters)
        for row, name, is_own in cursor.fetchall():
            found[row][is_own].add(name)
    nobody = Writers()
    writers = {row: Writers(frozenset(names[True]), frozenset(names[False])) for row, names in found.items()}
    return defaultdict(lambda: nobody, writers)
