"""Deleted rows, newest first, for the page that restores them.

Read in keyset pages: each begins below the id of the last entry of the one before, so that a long log costs no OFFSET.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest

from synapse.kit.change_log.column_changes import describe_filled_columns
from synapse.kit.change_log.formatting import author_label, format_local_time, format_time_ago, row_noun
from synapse.kit.change_log.import_runs import UNKNOWN_RUN, import_runs
from synapse.kit.change_log.models import ChangeLogEntry, Operation
from synapse.kit.change_log.permissions import may_revert
from synapse.kit.change_log.row_names import format_deleted_row_name, read_parent_names, read_row_names, row_link

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
    # Read once for all: names of rows that are here again, labels of runs, names of parents, permissions.
    here = read_row_names(alias, {(one.table_name, one.row_key) for one in entries})
    keys = {one.import_run for one in entries if one.import_run is not None}
    runs = import_runs().describe_runs(request, alias, keys)
    parents = read_parent_names(alias, values)
    allowed = {one.table_name: may_revert(request, [(one.table_name, "delete")]) for one in entries}
    rows = []
    for one in entries:
        place, old = (one.table_name, one.row_key), one.old or {}
        run = None if one.import_run is None else runs.get(one.import_run, UNKNOWN_RUN)
        is_back = place in here
        row = DeletedRow(
            id=one.pk,
            noun=row_noun(one.table_name),
            name=here[place] if is_back else format_deleted_row_name(one.table_name, old),
            who=author_label(one.author) if run is None else run.words,
            run_link="" if run is None else run.link,
            at=one.changed_at,
            ago=format_time_ago(one.changed_at),
            exactly=format_local_time(one.changed_at),
            values=describe_filled_columns(one.table_name, old, parents),
            is_back=is_back,
            link=row_link(request, *place) if is_back else "",
            may_restore=allowed[one.table_name] and not is_back and run is None,
        )
        rows.append(row)
    return rows
