"""Legacy cells as cells of an HTML table: their CSS classes (number, null, odd), words and remarks.

Called by page_values. Whatever is no SafeString is escaped by the template.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString

from legacy_import.admin.archive.json_cell import json_as_html
from legacy_import.admin.archive.rows import Cells
from legacy_import.cell_display import format_cell
from legacy_import.cells import deserialize_cell
from legacy_import.pipeline.stage.legacy_schema import LegacyColumn

_MAX_TEXT_LENGTH: Final = 300
_MAX_ONE_LINE_LENGTH: Final = 24
"""Up to here a text stays on one line: dates, clocks, words."""
_NUMBERS: Final = frozenset({"integer", "real"})
_UNUSUAL: Final = {"integer": frozenset({"text", "real", "blob"}), "real": frozenset({"text", "blob"})}
"""By what a column is declared as: the storage classes that surprise there. NULL never does."""


@dataclass(frozen=True, slots=True)
class PageCell:
    """A cell on a page: its CSS classes, its words, and what is odd about it or was left out (empty where nothing)."""

    classes: str
    words: str | SafeString
    remark: str = ""


def page_cell(exact: str | None, column: LegacyColumn | None) -> PageCell:
    """Return a cell, spelled exactly, of a column; the column is None where the file's shape doesn't know it."""
    value = deserialize_cell(exact)
    if value is None:
        return PageCell("null", "NULL")
    if value == "":
        return PageCell("null", "(empty text)")
    if isinstance(value, str) and (json := json_as_html(value)):
        return PageCell("json", json)
    shown = format_cell(exact, longest=_MAX_TEXT_LENGTH)
    odd = isinstance(value, bytes) or (
        column is not None and shown.storage_class in _UNUSUAL.get(column.storage, frozenset())
    )
    classes = ["odd"] if odd else []
    if shown.storage_class in _NUMBERS:
        classes.append("number")
    elif len(shown.text) <= _MAX_ONE_LINE_LENGTH:
        classes.append("short")
    remarks = filter(None, [shown.storage_class if odd else "", shown.remark])
    return PageCell(" ".join(classes), shown.text, ", ".join(remarks))


def numeric_columns(names: Sequence[str], rows: Sequence[Cells]) -> set[str]:
    """Return the columns whose cells in these rows are numbers or NULL, and not all NULL."""
    found = {name: {format_cell(cells.get(name), longest=0).storage_class for cells in rows} for name in names}
    return {name for name, classes in found.items() if classes & _NUMBERS and classes <= _NUMBERS | {"null"}}
