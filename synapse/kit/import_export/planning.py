"""Planning an import: what each row of a file would do to the table. Reads only, and with a fixed number of queries.

A row is new, changed, the same, or bad with its problems. The plan is previewed, and worked out once more under row
locks when it is applied (applying.py). Unique values are checked in collisions.py, the table's rows read in
stored_rows.py.
"""

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Model

from synapse.kit.import_export.cells import Cell, is_empty_cell, serialize_cell
from synapse.kit.import_export.collisions import mark_collisions
from synapse.kit.import_export.columns import Column, natural_key_columns
from synapse.kit.import_export.decimal_marks import DecimalMarks, NumberColumns, find_decimal_marks
from synapse.kit.import_export.errors import CellError
from synapse.kit.import_export.headings import Headings, match_headings
from synapse.kit.import_export.later_changes import LAST_CHANGED, mark_overwriting_changes
from synapse.kit.import_export.plans import Change, Plan, Problem, RowPlan
from synapse.kit.import_export.sheets import Sheet, SheetRow
from synapse.kit.import_export.stored_rows import RelatedRows, StoredRows, read_related_rows, read_stored_rows
from synapse.kit.import_export.widgets import TextWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from synapse.kit.import_export.collisions import Claim

_KEYS_OF_CONTENT: Final = uuid.UUID("5d2c9a52-7a3f-5f0a-9d4b-0c1a6e1f7b60")
"""The namespace of keys made of a row's cells where new rows bring none: an idempotent import, for the same file
imported twice names the same rows."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that takes imports; `kept` are the columns that only new rows may bring.

    `sealed` are columns that no row may bring, each with who writes it instead. `made` are columns that a new row need
    not bring, each with what it gets, given the row's key. `broken` is given what a row would hold
    and which columns the file changes, and yields a column and a sentence for each rule of the table that it breaks.
    `broken_together` is given all good rows with what each would hold, and yields the plans of those that break a rule.
    """

    model: type[Model]
    alias: str
    columns: tuple[Column, ...]
    kept: frozenset[str] = frozenset()
    sealed: "Mapping[str, str]" = field(default_factory=dict)
    made: "Mapping[str, Callable[[Any], Any]]" = field(default_factory=dict)
    broken: "Callable[[Mapping[str, Any], Collection[str]], Iterable[tuple[str, str]]]" = lambda _row, _changed: ()
    broken_together: "Callable[[Sequence[Claim]], Iterable[tuple[RowPlan, str, str]]]" = lambda _claims: ()

    @property
    def primary_key_name(self) -> str:
        """Return the name of the primary key."""
        return str(self.model._meta.pk.name)


def plan_import(sheet: Sheet, table: Table, *, lock: bool = False, marks: "DecimalMarks | None" = None) -> Plan:
    """Return what the file's rows would do; `lock` locks the rows it finds until the transaction ends.

    `marks` are the decimal marks that the person chose, by column, where a column can be read in two ways. Raises
    FileError where the headings say too little.
    """
    headings = match_headings(sheet.headings, table.model, table.columns, table.made.keys())
    numbers = find_decimal_marks(headings.columns, [row.cells for row in sheet.rows], marks or {})
    drafts = [_RowDraft(row, headings, table, numbers) for row in sheet.rows]
    columns = {column.name: column for column in headings.columns if column}
    keys = [draft.sought for draft in drafts]
    stored = read_stored_rows(table.model, table.alias, table.columns, keys, lock=lock)
    related = read_related_rows(table.alias, columns.values(), [draft.cells for draft in drafts])
    for draft in drafts:
        draft.plan_changes(stored, related)
    mark_collisions(table.model, table.alias, [draft.resulting_values() for draft in drafts])
    good = [draft.resulting_values() for draft in drafts if draft.values and not draft.plan.problems]
    for plan, column, sentence in list(table.broken_together(good)):
        plan.problems.append(Problem(column, "", "", sentence))
    mark_overwriting_changes(table, [(draft.plan, draft.known) for draft in drafts])
    notes = (*headings.notes, *numbers.notes)
    return Plan(sheet.headings, notes, [draft.plan for draft in drafts], numbers.questions)


class _RowDraft:
    """A row of the file while its plan is made: its cells, the stored row it names, what it would write."""

    def __init__(self, row: SheetRow, headings: Headings, table: Table, numbers: NumberColumns) -> None:
        self.table = table
        self.plan = RowPlan(row.number, row.cells)
        self.columns = [column for column in headings.columns if column]
        named = [(column, cell) for column, cell in zip(headings.columns, row.cells, strict=False) if column]
        self.written: dict[str, Cell] = {column.name: cell for column, cell in named}
        self.cells: dict[str, Cell] = {column.name: numbers.read_cell(column, cell) for column, cell in named}
        self.values: dict[str, Any] = {}
        self.stored: Mapping[str, Any] | None = None
        self.known: datetime | None = None
        if len(row.cells) != len(headings.columns):
            fix = "Is a delimiter or a quote missing, or one too many?"
            self._add_problem("", f"{len(headings.columns)} cells, as the headings have", str(len(row.cells)), fix)
        self.sought = self._read_keys()

    def plan_changes(self, stored: StoredRows, related: RelatedRows) -> None:
        """Match the row with the table's and plan what the file would change."""
        if self.plan.problems:
            return
        self._match_stored_row(stored)
        if self.plan.problems:
            return
        for column in self.columns:
            if column.name != self.table.primary_key_name:
                self._compare_cell(column, related)
        if self.plan.is_new:
            self._fill_made_columns()
            self._refuse_missing_required()
        if self.values:
            _, row = self.resulting_values()
            for name, sentence in self.table.broken(row, self.values.keys()):
                # Not where the cell is refused already: one reason per cell.
                if not self._has_problem(name):
                    self._add_problem(name, "", "", sentence)

    def resulting_values(self) -> tuple[RowPlan, dict[str, Any]]:
        """Return the plan with the values the row would have, by column."""
        return self.plan, {**(self.stored or {}), **self.values, self.table.primary_key_name: self.plan.pk}

    def _read_keys(self) -> dict[str, Any]:
        """Return the values of the columns by which the row is found; without any a key made of its cells."""
        wanted = {self.table.primary_key_name, *natural_key_columns(self.table.model)}
        sought = {}
        for column in self.columns:
            if column.name in wanted:
                sought[column.name] = self._clean_cell(column)
        self.plan.key = " · ".join(
            serialize_cell(self.cells[name]) for name in natural_key_columns(self.table.model) if name in self.cells
        )
        needs_none = set(natural_key_columns(self.table.model)) <= {self.table.primary_key_name, *self.table.made}
        if needs_none and not any(value is not None for value in sought.values()):
            content = "\x1f".join(f"{name}\x1e{serialize_cell(cell)}" for name, cell in sorted(self.written.items()))
            sought[self.table.primary_key_name] = uuid.uuid5(
                _KEYS_OF_CONTENT, f"{self.table.model._meta.label}\x1d{content}"
            )
        return sought

    def _match_stored_row(self, stored: StoredRows) -> None:
        """Find the stored row by primary key, then by natural key; refuse the row where both name different ones."""
        own_key, key = self.table.primary_key_name, natural_key_columns(self.table.model)
        pk = self.sought.get(own_key)
        by_pk, by_key = (
            stored.find_by_primary_key(pk),
            stored.find_by_natural_key(tuple(self.sought.get(name) for name in key)),
        )
        if by_key is not None and pk is not None and by_key[own_key] != pk:
            expected = f"{by_key[own_key]}, the key of the row with this {' and '.join(key)}"
            self._add_problem(own_key, expected, str(pk), "Empty this cell, or correct the other.")
            return
        self.stored = by_pk or by_key
        self.plan.is_new = self.stored is None
        self.plan.pk = pk if self.stored is None else self.stored[own_key]
        if self.stored is not None:
            # Part of the plan's digest: the import refuses to write over anything else.
            self.plan.seen = repr([(column.name, self.stored[column.name]) for column in self.columns])

    def _compare_cell(self, column: Column, related: RelatedRows) -> None:
        cell = self.cells[column.name]
        if self.stored is not None and column.name == LAST_CHANGED:
            self.known = self._clean_cell(column)
            if column.name in self.table.kept:
                # It says how old the file is; that it differs from the stored one is no mistake.
                return
        if self.stored is not None and self._keeps_stored_value(column, self.stored[column.name]):
            return
        if self.stored is None and is_empty_cell(cell):
            self._plan_null(column)
            return
        if self.stored is None and column.name in self.table.sealed:
            self._refuse_sealed(column)
            return
        if self.stored is not None and column.name in self.table.kept:
            kept = column.widget.format_cell(column.widget.render(self.stored[column.name]))
            self._add_problem(
                column.name,
                f"{kept}, which nobody edits",
                serialize_cell(cell),
                "Put it back, or leave the column out.",
            )
            return
        value = self._clean_cell(column)
        if column.name in {problem.column for problem in self.plan.problems}:
            return
        if value is None and not column.field.null:
            self._add_problem(column.name, "a value", "", "Fill the cell in.")
        elif value == "" and isinstance(column.widget, TextWidget) and not column.field.blank:
            self._add_problem(column.name, "a text that isn't empty", "", "Fill the cell in.")
        else:
            self._plan_value(column, value, related)

    def _keeps_stored_value(self, column: Column, stored: Any) -> bool:
        """Say whether the cell holds what is stored, or leaves open what Synapse has made when the row was new."""
        cell = self.cells[column.name]
        return (is_empty_cell(cell) and column.name in self.table.made) or column.widget.cell_holds_value(cell, stored)

    def _plan_null(self, column: Column) -> None:
        """Plan NULL for an empty cell of a new row: only a column that is absent from the file gets the default."""
        if column.field.null and (column.field.has_default() or column.field.has_db_default()):
            self.values[column.name] = self.plan.values[column.field.attname] = None
            self.plan.changes.append(Change(column.name, "", column.widget.format_cell(None)))

    def _plan_value(self, column: Column, value: Any, related: RelatedRows) -> None:
        """Plan the value to be written; of a relation the other row's primary key."""
        written = value
        if column.field.remote_field is not None and value is not None:
            written = related.find_primary_key(column, value)
            if written is None:
                noun = related.row_noun(column)
                expected = f"the {related.target_column(column)} of a {noun} that is there"
                self._add_problem(column.name, expected, str(value), f"Correct it, or import the {noun} first.")
                return
        words, widget = column.widget.format_cell, column.widget
        old = "" if self.stored is None else words(widget.render(self.stored[column.name]))
        self.values[column.name] = value
        self.plan.values[column.field.attname] = written
        self.plan.changes.append(Change(column.name, old, words(self.cells[column.name])))

    def _refuse_sealed(self, column: Column) -> None:
        """Refuse a sealed value of a new row, except the default: else an exported row could not be imported again."""
        value = self._clean_cell(column)
        anyway = column.field.db_default if column.field.has_db_default() else None
        if value is not None and value != anyway and not self._has_problem(column.name):
            expected = f"nothing, for only {self.table.sealed[column.name]} writes it"
            fix = "Empty this cell, or leave the column out."
            self._add_problem(column.name, expected, serialize_cell(self.cells[column.name]), fix)

    def _fill_made_columns(self) -> None:
        """Plan what a new row gets where the file leaves it open."""
        for column in self.table.columns:
            if column.name in self.table.made and column.name not in self.values and not self._has_problem(column.name):
                value = self.table.made[column.name](self.plan.pk)
                self.values[column.name] = self.plan.values[column.field.attname] = value
                self.plan.changes.append(Change(column.name, "", column.widget.format_cell(value)))

    def _refuse_missing_required(self) -> None:
        """Add a problem for each column that a new row must bring and that has neither value nor problem yet."""
        for column in self.table.columns:
            if column.is_required and column.name not in self.values and not self._has_problem(column.name):
                fix = "Fill the cell in." if column.name in self.cells else "Add the column to the file."
                self._add_problem(column.name, "a value, for the row is new", "", fix)

    def _has_problem(self, name: str) -> bool:
        return any(problem.column == name for problem in self.plan.problems)

    def _clean_cell(self, column: Column) -> Any:
        """Return the value of a cell; None, with a problem, where it is no value of the column."""
        cell = self.cells.get(column.name)
        try:
            return column.widget.clean(cell)
        except CellError as error:
            if not self._has_problem(column.name):
                self._add_problem(column.name, error.expected, serialize_cell(self.written.get(column.name)), error.fix)
            return None

    def _add_problem(self, column: str, expected: str, found: str, fix: str) -> None:
        self.plan.problems.append(Problem(column, expected, found, fix))
