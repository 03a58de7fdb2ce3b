"""The template contexts of the quarantine's pages: a few queries each, however many rows a page shows (no N+1).

Called by page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from legacy_import.admin.database_pages import DATABASE_WORDS
from legacy_import.admin.quarantine.actions import Preview, Result
from legacy_import.admin.quarantine.decisions import (
    count_decisions,
    read_decisions_of_row,
    read_earlier_fixes,
)
from legacy_import.admin.quarantine.form import SettleForm
from legacy_import.admin.quarantine.groups import (
    GroupKey,
    count_group_rows,
    group_digest,
    read_page_row_ids,
    read_quarantine_groups,
)
from legacy_import.admin.quarantine.inputs import common_inputs, fixable_columns, row_inputs
from legacy_import.admin.quarantine.page_values import GroupLine, cell_lines, group_query_string, row_card, target_link
from legacy_import.admin.quarantine.preview_text import EXAMPLES, PreviewText
from legacy_import.admin.quarantine.rows import HeldRow, read_rows_by_id
from legacy_import.admin.quarantine.steps import (
    count_decisions_of_step,
    count_steps,
    read_decisions_of_step,
    read_steps,
)
from legacy_import.cell_display import format_key, visible
from legacy_import.models import LedgerRow
from legacy_import.services.quarantine_counts import count_quarantined_rows
from legacy_import.sources import SOURCES

ROWS_PER_PAGE: Final = 50

Address = Callable[..., str]
"""Gives the address of a page by its kind, its arguments and a query."""

Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one database, and where its pages are."""

    alias: str
    address: Address


@dataclass(frozen=True, slots=True)
class Sent:
    """A page as it was sent and what came of it; None where it was only looked at."""

    form: SettleForm | None = None
    result: Result | None = None


_NOT_SENT: Final = Sent()


def desk_context(desk: Desk, *, source: str) -> Context:
    """Return the groups, of one source where it is named."""
    groups = read_quarantine_groups(desk.alias)
    chosen = [group for group in groups if source in {"", group.key.source}]
    return {
        "title": f"Quarantine · {DATABASE_WORDS[desk.alias]}",
        "tab": "waiting",
        "lines": [GroupLine(group, desk.address("group", query=group_query_string(group.key))) for group in chosen],
        "waiting": count_quarantined_rows(desk.alias),
        "decided": count_decisions(desk.alias),
        "source": visible(source),
        "sources": sorted({group.key.source for group in groups}),
    }


def read_group_page(desk: Desk, group: GroupKey, number: int) -> list[HeldRow]:
    """Return a page of the group's rows, the first page being 1."""
    return read_rows_by_id(
        desk.alias, read_page_row_ids(desk.alias, group, start=(number - 1) * ROWS_PER_PAGE, most=ROWS_PER_PAGE)
    )


def group_context(
    desk: Desk, group: GroupKey, rows: Sequence[HeldRow], *, number: int = 1, sent: Sent = _NOT_SENT
) -> Context:
    """Return a group with these rows."""
    earlier = read_earlier_fixes(desk.alias, [row.ledger_id for row in rows])
    total = count_group_rows(desk.alias, group)
    return {
        "title": f"{visible(group.source)} · {visible(group.table)} · {visible(group.column)}",
        "tab": "waiting",
        "group": group,
        "expected": visible(group.expected),
        "cards": [
            row_card(
                row,
                desk.address("change", row.ledger_id),
                form=sent.form,
                earlier=earlier.get(row.ledger_id),
                result=sent.result,
            )
            for row in rows
        ],
        "all_inputs": common_inputs(group.source, group.table, group.blamed_columns, sent.form),
        "total": total,
        "digest": group_digest(desk.alias, group),
        "form": sent.form or SettleForm(),
        "action": desk.address("group", query=group_query_string(group)),
        **_paging_context(
            lambda page: desk.address("group", query=group_query_string(group, p=str(page))), number, total
        ),
    }


def quarantined_row_context(desk: Desk, key: UUID, sent: Sent = _NOT_SENT) -> Context | None:
    """Return one row with all its cells and its history; None where it never was in the quarantine's hands."""
    row = next(iter(read_rows_by_id(desk.alias, [key], whole=True)), None)
    history = read_decisions_of_row(desk.alias, key)
    if row is None or not (row.is_waiting or history):
        return None
    earlier = read_earlier_fixes(desk.alias, [key]).get(key)
    others = [name for name in fixable_columns(row.source, row.table) if name not in row.blamed_columns]
    return {
        "title": f"{visible(row.source)} · {visible(row.table)} · {format_key(row.key)}",
        "tab": "waiting" if row.is_waiting else "settled",
        "card": row_card(row, desk.address("change", key), form=sent.form, earlier=earlier, result=sent.result),
        "others": list(row_inputs(row, others, form=sent.form, earlier=None)),
        "lines": list(cell_lines(row)),
        "history": history,
        "state": LedgerRow.State(row.state).label,
        "target": target_link(row) if row.target_key and row.state in {"live", "merged"} else "",
        "file": next((source.path for source in SOURCES if source.name == row.source), ""),
        "form": sent.form or SettleForm(),
        "action": desk.address("settle", key),
    }


def decisions_context(desk: Desk, number: int) -> Context:
    """Return a page of steps, a line each, the first page being 1."""
    total = count_steps(desk.alias)
    return {
        "title": f"Settled · {DATABASE_WORDS[desk.alias]}",
        "tab": "settled",
        "decisions": read_steps(desk.alias, start=(number - 1) * ROWS_PER_PAGE, most=ROWS_PER_PAGE),
        "total": total,
        **_paging_context(lambda page: desk.address("settled", query=f"p={page}"), number, total),
    }


def step_context(desk: Desk, one: UUID, number: int) -> Context:
    """Return a page of the decisions that were made in the same step as this one."""
    total, held = count_decisions_of_step(desk.alias, one)
    return {
        "title": f"Settled in one step · {DATABASE_WORDS[desk.alias]}",
        "tab": "settled",
        "decisions": read_decisions_of_step(desk.alias, one, start=(number - 1) * ROWS_PER_PAGE, most=ROWS_PER_PAGE),
        "step": one,
        "held": held,
        "total": total,
        **_paging_context(lambda page: desk.address("settled", query=f"step={one}&p={page}"), number, total),
    }


def preview_context(desk: Desk, group: GroupKey, form: SettleForm, preview: Preview) -> Context:
    """Return what a step would do to a group, before anything is done."""
    rows = read_rows_by_id(desk.alias, preview.settled[:EXAMPLES])
    words = PreviewText(form.verb, preview, group, rows, form.reason)
    return {
        "title": f"Preview · {visible(group.source)} · {visible(group.table)}",
        "tab": "waiting",
        "group": group,
        "preview": words,
        "form": form,
        "action": desk.address("group", query=group_query_string(group)),
    }


def _paging_context(page: Callable[[int], str], number: int, total: int) -> Context:
    pages = max(1, -(-total // ROWS_PER_PAGE))
    return {
        "number": number,
        "pages": pages,
        "first_page": page(1),
        "previous": page(min(number - 1, pages)) if number > 1 else "",
        "following": page(number + 1) if number < pages else "",
    }
