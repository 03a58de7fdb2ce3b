"""Small HTML tables on the import's pages, every cell escaped; called by the pages of runs, ledger rows and files."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from legacy_import.cell_display import format_cell, visible


def html_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> SafeString:
    """Return a table in a box of its own to scroll in; the first cell of a row is its heading."""
    heading = format_html_join("", '<th scope="col">{}</th>', ((title,) for title in head))
    lines = ((row[0], format_html_join("", "<td>{}</td>", ((cell,) for cell in row[1:]))) for row in rows)
    body = format_html_join("", '<tr><th scope="row">{}</th>{}</tr>', lines)
    return format_html(
        '<div class="table-box" tabindex="0" role="region" aria-label="{}">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        ", ".join(title for title in head if title),
        heading,
        body,
    )


def cells_table(cells: Mapping[str, str | None] | None, order: Sequence[str] = ()) -> SafeString | str:
    """Return legacy cells, spelled exactly, as column, storage class and value; in the order of the file."""
    if not cells:
        return "-"
    known = [name for name in order if name in cells]
    rows = ((name, format_cell(cells[name])) for name in [*known, *sorted(cells.keys() - set(known))])
    lines = ((visible(name), cell.storage_class, preserve_whitespace(cell.text), cell.remark) for name, cell in rows)
    return html_table(["column", "class", "value", "remark"], lines)


def preserve_whitespace(text: object) -> SafeString:
    """Return a text with its line ends and spaces kept."""
    return format_html('<span style="white-space: pre-wrap; overflow-wrap: anywhere">{}</span>', text)


def counts_table(tables: Mapping[str, Mapping[str, Any]]) -> SafeString | str:
    """Return a run's counts per legacy table, and their sums."""
    if not tables:
        return "-"
    outcomes = ["read", "inserted", "updated", "unchanged", "merged", "archived", "quarantined"]
    sums = [f"{sum(counts.get(name, 0) for counts in tables.values()):,}" for name in outcomes]
    lines = [[visible(table), *(f"{counts.get(name, 0):,}" for name in outcomes)] for table, counts in tables.items()]
    return html_table(["table", *outcomes], [*lines, ["all", *sums]] if len(lines) > 1 else lines)


def format_json(value: object) -> str:
    """Return a target's value as JSON, so that NULL and 'null' differ."""
    return visible(json.dumps(value, ensure_ascii=False))
