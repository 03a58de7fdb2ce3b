"""A row's history in words: every logged change of it, newest first, with the button that reverts it where it can be.

Shown by the panel on the row's page (timeline_panel.py) and by a page of its own (views.py).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest
from psycopg.sql import SQL, Identifier

from synapse.kit.change_log.column_changes import ColumnChange, column_changes, describe_filled_columns
from synapse.kit.change_log.formatting import (
    author_label,
    column_label,
    find_table_model,
    format_local_time,
    format_time_ago,
)
from synapse.kit.change_log.import_runs import UNKNOWN_RUN, RunLabel, import_runs
from synapse.kit.change_log.models import ChangeLogEntry, Operation
from synapse.kit.change_log.permissions import may_revert
from synapse.kit.change_log.row_names import read_parent_names
from synapse.kit.change_log.units_of_work import unit_of_work_link

ENTRIES_PER_PAGE: Final = 20

_VERBS: Final = {"update": "Revert", "insert": "Take the row away", "delete": "Restore"}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A change in words.

    `columns` are those of an update, `values` those of an insert or a delete. `verb` is the label of the button that
    reverts it, empty where there is none; `remark` says why there is none, where a person would look for one. `run` is
    the import that made it, None where a person did. `names` tells the buttons apart in a screen reader.
    """

    id: int
    what: str
    who: str
    at: datetime
    ago: str
    exactly: str
    columns: tuple[ColumnChange, ...]
    values: tuple[tuple[str, str], ...]
    run: RunLabel | None
    verb: str
    remark: str
    unit: str
    names: str


def row_entries(alias: str, table: str, key: UUID) -> QuerySet[ChangeLogEntry]:
    """Return the row's changes, newest first."""
    return ChangeLogEntry.objects.using(alias).filter(table_name=table, row_key=key).order_by("-id")


def has_change_log_triggers(alias: str, table: str) -> bool:
    """Say whether the table carries the log's triggers."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'change_log_update' AND tgrelid = to_regclass(%s))",
            [f'"{table}"'],
        )
        return bool(cursor.fetchone()[0])


def describe_entries(request: HttpRequest, alias: str, entries: Sequence[ChangeLogEntry]) -> list[TimelineEntry]:
    """Return changes of one row in words; asks a fixed number of queries, however many there are."""
    if not entries:
        return []
    table, key = entries[0].table_name, entries[0].row_key
    here = read_current_values(alias, table, key)
    keys = {one.import_run for one in entries if one.import_run is not None}
    runs = import_runs().describe_runs(request, alias, keys)
    sides = [(one.old or {}, one.new or {}) for one in entries]
    values = [(table, name, value) for pair in sides for side in pair for name, value in side.items()]
    parents = read_parent_names(alias, values)
    allowed = {kind: may_revert(request, [(table, kind)]) for kind in _VERBS}
    described = []
    for one in entries:
        old, new = one.old or {}, one.new or {}
        is_update = one.operation == Operation.UPDATE
        run = None if one.import_run is None else runs.get(one.import_run, UNKNOWN_RUN)
        is_revertable = _is_revertable(one, here)
        # An import's changes are undone on the page of its run.
        has_button = is_revertable and run is None and allowed[one.operation]
        entry = TimelineEntry(
            id=one.pk,
            what=Operation(one.operation).label,
            who=author_label(one.author) if run is None else run.words,
            at=one.changed_at,
            ago=format_time_ago(one.changed_at),
            exactly=format_local_time(one.changed_at),
            columns=column_changes(table, old, new, parents) if is_update else (),
            values=() if is_update else describe_filled_columns(table, new or old, parents),
            run=run,
            verb=_VERBS[one.operation] if has_button else "",
            remark="Nothing of this stands any more." if is_update and not is_revertable else "",
            unit=unit_of_work_link(alias, one.transaction_id, one.pk),
            names=", ".join(sorted(column_label(table, name) for name in new)) if is_update else "the row",
        )
        described.append(entry)
    return described


def read_current_values(alias: str, table: str, key: UUID) -> dict[str, Any] | None:
    """Return the row's columns as the log's JSON has them, so that both can be compared; None where there is no row."""
    model = find_table_model(table)
    if model is None:
        return None
    sql = SQL("SELECT to_jsonb(t)::text FROM {} AS t WHERE {} = %s")
    with connections[alias].cursor() as cursor:
        cursor.execute(sql.format(Identifier(table), Identifier(str(model._meta.pk.column))), [key])
        found = cursor.fetchone()
    return None if found is None else json.loads(found[0])


def _is_revertable(entry: ChangeLogEntry, here: Mapping[str, Any] | None) -> bool:
    """Say whether something of the change can still be reverted; reverting/revertability.py decides it for good."""
    new = entry.new or {}
    match entry.operation:
        case Operation.DELETE:
            return here is None
        case Operation.INSERT:
            return here is not None and all(here[name] == value for name, value in new.items() if name in here)
        case _:
            return here is not None and any(name in here and here[name] == value for name, value in new.items())
