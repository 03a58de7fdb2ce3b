"""The inputs with which a person says what a refused cell is to be read as.

Called by page_contexts and page_values. An input begins with what was typed, with an earlier fix, or with a suggestion,
marked as such; only columns that the import reads can be fixed. A sent page is read by form.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from legacy_import.admin.quarantine.decisions import EarlierFix
from legacy_import.admin.quarantine.form import ALL_ROWS, SettleForm, Typed
from legacy_import.admin.quarantine.rows import HeldRow
from legacy_import.cell_display import ShownCell, format_cell, visible
from legacy_import.codecs import Codec
from legacy_import.desk.suggestions import suggest_value
from legacy_import.mapping import Column, Table
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.sources import SOURCES

_MAX_FOUND_LENGTH: Final = 300
_MAX_PREFILLED_LENGTH: Final = 2_000
_FREE_TEXTS: Final = frozenset({"text", "lower_case"})


@dataclass(frozen=True, slots=True)
class CellConstraints:
    """What a legacy column's cells must be to land."""

    codec: Codec
    target: str
    may_be_null: bool
    may_be_empty: bool


@dataclass(frozen=True, slots=True)
class Input:
    """One cell to fix. `mark` says where a prefilled text comes from; `offer` is a suggestion too odd or long to type.

    `row` is a ledger id or ALL_ROWS. `found` is None where the input is for the cells of many rows.
    """

    row: str
    column: str
    found: ShownCell | None
    expected: str
    terms: CellConstraints
    typed: Typed
    mark: str = ""
    offer: str = ""

    @property
    def name_suffix(self) -> str:
        """What follows the kind in the names of the input and its ticks."""
        return f"{self.row}:{self.column}"

    @property
    def column_label(self) -> str:
        """The column's name, safe to read."""
        return visible(self.column)

    @property
    def expected_text(self) -> str:
        """What is expected, safe to read."""
        return visible(self.expected)

    @property
    def is_multiline(self) -> bool:
        """Whether the text may have several lines."""
        # Moments are text in SQLite, too, and take one line.
        return self.terms.codec.storage == "text" and "timestamp" not in self.terms.codec.name

    @property
    def offered_checkboxes(self) -> list[tuple[str, str, bool]]:
        """The ticks beside the text: kind, words, whether it is set."""
        offered = {
            "take": f"as suggested: {self.offer}" if self.offer else "",
            "null": "NULL" if self.terms.may_be_null else "",
            "empty": "the empty text" if self.terms.may_be_empty else "",
        }
        return [(kind, words, kind in self.typed.ticks) for kind, words in offered.items() if words]


@cache
def fixable_columns(source: str, table: str) -> Mapping[str, CellConstraints]:
    """Return the columns of a legacy table that can be fixed, each with its constraints, by name."""
    mapping = next((found for known in SOURCES if known.name == source and (found := known.find_table(table))), None)
    columns = mapping.columns if mapping else ()
    return {
        name: _column_constraints(mapping, column, name)
        for column in columns
        for name in column.legacy_names
        if mapping
    }


def row_inputs(
    row: HeldRow, columns: Iterable[str], *, form: SettleForm | None, earlier: EarlierFix | None
) -> Iterator[Input]:
    """Yield an input for each of the row's columns that can be fixed; `form` is None on a page not sent yet."""
    terms, blamed = fixable_columns(row.source, row.table), row.blamed_columns
    for name in columns:
        if name in terms and name in row.cells:
            typed, mark, offer = _initial_value(row, name, form, earlier)
            expected = blamed.get(name, terms[name].codec.expected)
            found = row.cells[name].to_shown_cell(_MAX_FOUND_LENGTH)
            yield Input(str(row.ledger_id), name, found, expected, terms[name], typed, mark, offer)


def common_inputs(source: str, table: str, columns: Iterable[str], form: SettleForm | None) -> list[Input]:
    """Return the inputs of the one value for all chosen rows."""
    terms = fixable_columns(source, table)
    form = form or SettleForm()
    return [
        Input(ALL_ROWS, name, None, terms[name].codec.expected, terms[name], form.typed.get((ALL_ROWS, name), Typed()))
        for name in columns
        if name in terms
    ]


def suggest_cell_value(row: HeldRow, column: str) -> str | None:
    """Return what the cell nearly certainly means; None also where only its beginning was read."""
    cell, terms = row.cells[column], fixable_columns(row.source, row.table).get(column)
    return suggest_value(terms.codec, cell.exact) if terms and cell.is_whole else None


def _initial_value(
    row: HeldRow, column: str, form: SettleForm | None, earlier: EarlierFix | None
) -> tuple[Typed, str, str]:
    """Return what the input holds at first, where that comes from, and what is offered as a tick."""
    suggestion = suggest_cell_value(row, column) if column in row.blamed_columns else None
    prefilled = suggestion is not None and _survives_browser_input(suggestion)
    offer = "" if suggestion is None or prefilled else str(format_cell(suggestion, longest=_MAX_FOUND_LENGTH))
    if form is not None and (str(row.ledger_id), column) in form.typed:
        return form.typed[str(row.ledger_id), column], "", offer
    if form is not None and row.ledger_id in form.seen:
        return Typed(), "", offer
    if earlier and column in earlier.readings:
        reading = earlier.readings[column]
        before = Typed(reading) if reading else Typed(ticks=frozenset({"null" if reading is None else "empty"}))
        return before, f"fixed so before, {earlier.words}", offer
    if prefilled and suggestion is not None:
        return Typed(suggestion), "suggested", ""
    return Typed(), "", offer


def _survives_browser_input(suggestion: str) -> bool:
    """Say whether a browser's input gives the text back: no signs that hide, no lone carriage return, not too long."""
    return len(suggestion) <= _MAX_PREFILLED_LENGTH and visible(suggestion) == suggestion


def _column_constraints(mapping: Table, column: Column, name: str) -> CellConstraints:
    # A cell of the key or the identity makes the target key, so it may be neither NULL nor empty.
    is_key = name == mapping.key or name in mapping.identity
    required = column.target in target_table_of(mapping.model).required
    return CellConstraints(
        codec=column.codec,
        target=column.target,
        may_be_null=not is_key and not required,
        may_be_empty=not is_key and column.codec.name in _FREE_TEXTS and column.reference is None,
    )
