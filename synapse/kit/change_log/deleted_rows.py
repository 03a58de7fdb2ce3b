"""Deleted rows, newest first, for the page that restores them.

Read in keyset pages: each begins below the id of the last entry of the one before, so that a long log costs no OFFSET.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest

from synapse.kit.change_log.column_changes import filled_columns
from synapse.kit.change_log.import_runs import UNKNOWN_RUN, RunLabel, import_runs
from synapse.kit.change_log.models import ChangeLogEntry, Operation
from synapse.kit.change_log.permissions import may_revert
from synapse.kit.change_log.row_names import Place, name_deleted_row, read_parent_names, read_row_names, row_link
from synapse.kit.change_log.words import ago_words, author_words, moment_words, row_noun

ROWS_PER_PAGE: Final = 20


@dataclass(frozen=True, slots=True)
class DeletedRow:
    """A deleted row: what it was, who deleted it, when. `link` is its page where it is back."""

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
    may_restore: bool


def read_deletion_page(alias: str, tables: Collection[str], before: int | None) -> Sequence[ChangeLogEntry]:
    """Return the keyset page of deletes in these tables that are older than the entry `before` (None: the newest).

    One entry more than a page has says that there is a next page.
    """
    log = ChangeLogEntry.objects.using(alias).filter(operation=Operation.DELETE, table_name__in=tables)
    older = log if before is None else log.filter(pk__lt=before)
    return list(older.order_by("-id")[: ROWS_PER_PAGE + 1])


def describe_deletions(request: HttpRequest, alias: str, entries: Sequence[ChangeLogEntry]) -> list[DeletedRow]:
    """Return deletes in words; a fixed number of queries per table."""
    values = [(one.table_name, name, value) for one in entries for name, value in (one.old or {}).items()]
    context = _Context(
        request=request,
        here=read_row_names(alias, {(one.table_name, one.row_key) for one in entries}),
        runs=import_runs().describe_runs(
            request, alias, {one.import_run for one in entries if one.import_run is not None}
        ),
        parents=read_parent_names(alias, values),
        allowed={one.table_name: may_revert(request, [(one.table_name, "delete")]) for one in entries},
    )
    return [_describe_deletion(one, context) for one in entries]


@dataclass(frozen=True, slots=True)
class _Context:
    """What is read once for all deletes of a page."""

    request: HttpRequest
    here: Mapping[Place, str]
    runs: Mapping[UUID, RunLabel]
    parents: Mapping[str, str]
    allowed: Mapping[str, bool]


def _describe_deletion(entry: ChangeLogEntry, context: _Context) -> DeletedRow:
    place, old = (entry.table_name, entry.row_key), entry.old or {}
    run = None if entry.import_run is None else context.runs.get(entry.import_run, UNKNOWN_RUN)
    is_back = place in context.here
    return DeletedRow(
        id=entry.pk,
        noun=row_noun(entry.table_name),
        name=context.here[place] if is_back else name_deleted_row(entry.table_name, old),
        who=author_words(entry.author) if run is None else run.words,
        run_link="" if run is None else run.link,
        at=entry.changed_at,
        ago=ago_words(entry.changed_at),
        exactly=moment_words(entry.changed_at),
        values=filled_columns(entry.table_name, old, context.parents),
        is_back=is_back,
        link=row_link(context.request, *place) if is_back else "",
        may_restore=context.allowed[entry.table_name] and not is_back and run is None,
    )
