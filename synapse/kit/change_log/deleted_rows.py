"""Rows that were deleted, newest first, with the way back.

What lives here: reading them. What does not: the page (views), bringing them back (undoing, families).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest

from synapse.kit.change_log.column_changes import filled_columns
from synapse.kit.change_log.import_runs import AN_IMPORT, ImportWords, imports
from synapse.kit.change_log.models import ChangeLogEntry, Operation
from synapse.kit.change_log.permissions import may_revert
from synapse.kit.change_log.row_names import Place, name_of_values, parent_names, row_link, row_names
from synapse.kit.change_log.words import ago_words, author_words, moment_words, noun

ON_A_PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class DeletedRow:
    """A deleted row: what it was, who deleted it, when. `link` is its page where it is back; `may` the button shows."""

    id: int
    noun: str
    name: str
    who: str
    run_link: str
    at: datetime
    ago: str
    exactly: str
    values: tuple[tuple[str, str], ...]
    is_back: bool
    link: str
    may: bool


def deletions(alias: str, tables: Collection[str], before: int | None) -> Sequence[ChangeLogEntry]:
    """Return a page of deletions in these tables and the one after it, older than the entry `before`."""
    log = ChangeLogEntry.objects.using(alias).filter(operation=Operation.DELETE, table_name__in=tables)
    older = log if before is None else log.filter(pk__lt=before)
    return list(older.order_by("-id")[: ON_A_PAGE + 1])


def shown_deletions(request: HttpRequest, alias: str, entries: Sequence[ChangeLogEntry]) -> list[DeletedRow]:
    """Return deletions in words; asks a fixed number of queries per table."""
    values = [(one.table_name, name, value) for one in entries for name, value in (one.old or {}).items()]
    context = _Context(
        request=request,
        here=row_names(alias, {(one.table_name, one.row_key) for one in entries}),
        runs=imports().runs(request, alias, {one.import_run for one in entries if one.import_run is not None}),
        parents=parent_names(alias, values),
        allowed={one.table_name: may_revert(request, [(one.table_name, "delete")]) for one in entries},
    )
    return [_shown(one, context) for one in entries]


@dataclass(frozen=True, slots=True)
class _Context:
    """What the words of deletions have in common."""

    request: HttpRequest
    here: Mapping[Place, str]
    runs: Mapping[UUID, ImportWords]
    parents: Mapping[str, str]
    allowed: Mapping[str, bool]


def _shown(entry: ChangeLogEntry, context: _Context) -> DeletedRow:
    place, old = (entry.table_name, entry.row_key), entry.old or {}
    run = None if entry.import_run is None else context.runs.get(entry.import_run, AN_IMPORT)
    is_back = place in context.here
    return DeletedRow(
        id=entry.pk,
        noun=noun(entry.table_name),
        name=context.here[place] if is_back else name_of_values(entry.table_name, old),
        who=author_words(entry.author) if run is None else run.words,
        run_link="" if run is None else run.link,
        at=entry.changed_at,
        ago=ago_words(entry.changed_at),
        exactly=moment_words(entry.changed_at),
        values=filled_columns(entry.table_name, old, context.parents),
        is_back=is_back,
        link=row_link(context.request, *place) if is_back else "",
        may=context.allowed[entry.table_name] and not is_back and run is None,
    )
