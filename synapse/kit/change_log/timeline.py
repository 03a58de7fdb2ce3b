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

from synapse.kit.change_log.column_changes import ColumnChange, column_changes, filled_columns
from synapse.kit.change_log.import_runs import UNKNOWN_RUN, RunLabel, import_runs
from synapse.kit.change_log.models import ChangeLogEntry, Operation
from synapse.kit.change_log.permissions import may_revert
from synapse.kit.change_log.row_names import read_parent_names
from synapse.kit.change_log.units_of_work import unit_page
from synapse.kit.change_log.words import ago_words, author_words, column_words, model_of, moment_words

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


def is_logged(alias: str, table: str) -> bool:
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
    runs = import_runs().describe_runs(
        request, alias, {one.import_run for one in entries if one.import_run is not None}
    )
    sides = [(one.old or {}, one.new or {}) for one in entries]
    values = [(table, name, value) for pair in sides for side in pair for name, value in side.items()]
    parents = read_parent_names(alias, values)
    allowed = {kind: may_revert(request, [(table, kind)]) for kind in _VERBS}
    return [_describe_entry(alias, one, _Context(here, runs, parents, allowed)) for one in entries]


def read_current_values(alias: str, table: str, key: UUID) -> dict[str, Any] | None:
    """Return the row's columns as the log's JSON has them, so that both can be compared; None where there is no row."""
    model = model_of(table)
    if model is None:
        return None
    sql = SQL("SELECT to_jsonb(t)::text FROM {} AS t WHERE {} = %s")
    with connections[alias].cursor() as cursor:
        cursor.execute(sql.format(Identifier(table), Identifier(str(model._meta.pk.column))), [key])
        found = cursor.fetchone()
    return None if found is None else json.loads(found[0])


@dataclass(frozen=True, slots=True)
class _Context:
    """What is read once for all changes of a row."""

    here: Mapping[str, Any] | None
    runs: Mapping[UUID, RunLabel]
    parents: Mapping[str, str]
    allowed: Mapping[str, bool]


def _describe_entry(alias: str, entry: ChangeLogEntry, context: _Context) -> TimelineEntry:
    old, new = entry.old or {}, entry.new or {}
    is_change = entry.operation == Operation.UPDATE
    run = None if entry.import_run is None else context.runs.get(entry.import_run, UNKNOWN_RUN)
    is_revertable = _is_revertable(entry, context.here)
    has_button = is_revertable and run is None and context.allowed[entry.operation]
    remark = "" if is_revertable else "Nothing of this stands any more." if is_change else ""
    return TimelineEntry(
        id=entry.pk,
        what=Operation(entry.operation).label,
        who=author_words(entry.author) if run is None else run.words,
        at=entry.changed_at,
        ago=ago_words(entry.changed_at),
        exactly=moment_words(entry.changed_at),
        columns=column_changes(entry.table_name, old, new, context.parents) if is_change else (),
        values=() if is_change else filled_columns(entry.table_name, new or old, context.parents),
        run=run,
        verb=_VERBS[entry.operation] if has_button else "",
        remark=remark,
        unit=unit_page(alias, entry.transaction_id, entry.pk),
        names=", ".join(sorted(column_words(entry.table_name, name) for name in new)) if is_change else "the row",
    )


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
