"""The check of the legacy files' two clocks, UTC and local: every timestamp is parsed again and compared.

It finds a wrong LEGACY_TIME_ZONE (clock skew by whole zone steps), too: an A/B test's start (local clock) and its row's
creation (UTC) are one moment, so each test is a witness. Parsing is in `clock_readings`. A cell that Python cannot
read is left to the comparison of cells (`integrity`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.utils.dateparse import parse_datetime

from legacy_import.cell_display import format_key
from legacy_import.cells import deserialize_cell
from legacy_import.mapping import Column
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.validation.clock_readings import load_zone, parse_clock_instant, parse_instant
from legacy_import.validation.differences import Difference, Explanation
from legacy_import.validation.signatures import edit_author_sql
from legacy_import.validation.staged_tables import StagedTable

_UTC_CODECS: Final = frozenset({"utc_timestamp"})
_LOCAL_CODECS: Final = frozenset({"local_timestamp", "empty_or_local_timestamp"})
_PAIR_CODECS: Final = frozenset({"date_and_clock"})
_ROUNDING_ERROR: Final = timedelta(microseconds=1)
"""PostgreSQL rounds the seventh decimal of a second, Python cuts it off."""
_SAME_MOMENT: Final = timedelta(seconds=2)
"""Python took its time, then SQLite took its own, cut to the second."""
_ZONE_STEP: Final = timedelta(minutes=15)
_MAX_ZONE_DISTANCE: Final = timedelta(hours=15)
_WITNESSES: Final = {"ab_tests": ("start_date", "created_at")}


@dataclass(slots=True)
class ClockCount:
    """How many timestamps were compared, how many Python could not read, and how many tests bear witness."""

    compared: int = 0
    unread: int = 0
    witnesses: int = 0

    def describe_counts(self) -> str:
        """Return the figures as a sentence."""
        words = f"{self.compared:,} timestamps read a second time"
        if self.witnesses:
            words += f"; {self.witnesses:,} tests began the moment they were made, by both clocks"
        return words + (f"; {self.unread:,} in a spelling only the codecs read" if self.unread else "")


@dataclass(frozen=True, slots=True)
class _Stored:
    """One legacy timestamp: its cells, what is stored, and what stood there after the import (None: the same)."""

    ledger_id: UUID
    key: str
    target_key: UUID
    cells: tuple[str | None, ...]
    here: datetime | None
    imported: str | None
    is_edited: bool


def find_clock_differences(table: StagedTable, count: ClockCount) -> Iterator[Difference]:
    """Yield every timestamp of the staged table that Python reads as another instant than the one stored."""
    if table.stage.table is None or table.stored is None:
        return
    columns = [
        column
        for column in table.stage.mapped_columns
        if column.codec.name in _UTC_CODECS | _LOCAL_CODECS | _PAIR_CODECS
    ]
    for column in columns:
        with connections[table.reading.source.database].chunked_cursor() as cursor:
            cursor.execute(_timestamp_comparison_sql(table, column))
            for ledger_id, key, target_key, here, imported, is_edited, *cells in cursor:
                stored = _Stored(ledger_id, key, target_key, tuple(cells), here, imported, is_edited)
                yield from _compare_timestamp(table, column, stored, count)
    if table.stage.legacy.name in _WITNESSES:
        yield from _find_shifted_tests(table, count)


def _timestamp_comparison_sql(table: StagedTable, column: Column) -> str:
    """Return the query of a timestamp column: stored, imported, whether it was edited, and the file's cells."""
    stage = table.stage
    key, target = identifier(stage.target.key), identifier(column.target)
    imported, join, edited = "NULL", "", "false"
    # Without edits the stored value is the imported one, and the join would only cost time.
    if table.edits and table.edits.rows:
        name = literal(column.target)
        join = f"LEFT JOIN {table.edits.name} AS e ON e.target_key = l.target_key"
        imported, edited = f"e.overlay ->> {name}", f"coalesce(e.overlay ? {name}, false)"
    cells = ", ".join(stage.cell_sql(name) for name in column.legacy_names)
    return f"""
        SELECT l.id, {stage.key_sql()}, l.target_key, t.{target}, {imported}, {edited}, {cells}
        FROM {stage.name} AS s
        JOIN ledger AS l ON l.id = s.ledger_id AND l.state = 'live'
        JOIN {identifier(stage.target.name)} AS t ON t.{key} = l.target_key
        {join}
    """


def _compare_timestamp(table: StagedTable, column: Column, stored: _Stored, count: ClockCount) -> Iterator[Difference]:
    if not all(stored.cells):
        return  # NULL or empty names no time: comparing it is the comparison of cells
    read = _parse_timestamp_cells(column, stored.cells)
    if read is None:
        count.unread += 1
        return
    count.compared += 1
    if stored.here is not None and abs(read - stored.here) <= _ROUNDING_ERROR:
        return
    name = column.legacy_names[0]
    # A person gave this cell another value in quarantine: `fixes` reports that as one difference.
    if any(table.fixes.find_fix(stored.ledger_id, each) for each in column.legacy_names):
        return
    explanation, author = _explain_difference(table, column, stored, read)
    yield Difference(
        explanation,
        table.stage.legacy.name,
        format_key(stored.key),
        name,
        _format_instant(stored.here),
        f"{' '.join(filter(None, stored.cells))}, that is {_format_instant(read)}",
        author,
    )


def _parse_timestamp_cells(column: Column, cells: tuple[str | None, ...]) -> datetime | None:
    texts = [value for value in map(deserialize_cell, cells) if isinstance(value, str) and value]
    if len(texts) != len(cells):
        return None
    local = load_zone(settings.LEGACY_TIME_ZONE)
    if column.codec.name in _PAIR_CODECS:
        return parse_clock_instant(texts[0], texts[1], local=local)
    naive: tzinfo = UTC if column.codec.name in _UTC_CODECS else local
    return parse_instant(texts[0], naive=naive, local=local)


def _explain_difference(table: StagedTable, column: Column, stored: _Stored, read: datetime) -> tuple[Explanation, str]:
    imported = parse_datetime(stored.imported) if stored.imported else None
    is_as_imported = imported is not None and abs(read - imported) <= _ROUNDING_ERROR
    # The changed file holds another instant than the one imported: the next import brings it.
    if table.reading.changed and not is_as_imported:
        return "newer in legacy", ""
    author: str | None = None
    if stored.is_edited:
        signed = edit_author_sql(
            literal(table.stage.target.name), f"'{stored.target_key}'::uuid", literal(column.target)
        )
        table.reading.cursor.execute(f"SELECT {signed}")
        author = table.reading.cursor.fetchone()[0]
    return ("edited here", author) if author else ("unexplained", "")


def _find_shifted_tests(table: StagedTable, count: ClockCount) -> Iterator[Difference]:
    """Yield tests that began when they were made by the clocks' minutes, but at another hour as they are stored."""
    local, made = _WITNESSES[table.stage.legacy.name]
    if not {local, made}.issubset(table.stage.legacy.column_names):
        return
    table.reading.cursor.execute(
        f"""
        SELECT {table.stage.key_sql()}, {table.stage.cell_sql(local)}, {table.stage.cell_sql(made)},
               t.{identifier(local)}, t.{identifier(made)}
        FROM {table.stage.name} AS s
        JOIN ledger AS l ON l.id = s.ledger_id AND l.state = 'live'
        JOIN {identifier(table.stage.target.name)} AS t ON t.{identifier(table.stage.target.key)} = l.target_key
        """
    )
    for key, start_cell, made_cell, start, made_at in table.reading.cursor.fetchall():
        # Where one of the two was changed here, the comparison of instants has already said so.
        if not (
            _differ_by_time_zone(start_cell, made_cell)
            and _is_same_instant(start_cell, start)
            and _is_same_instant(made_cell, made_at, UTC)
        ):
            continue
        if abs(start - made_at) <= _SAME_MOMENT:
            count.witnesses += 1
            continue
        yield Difference(
            "unexplained",
            table.stage.legacy.name,
            format_key(key),
            local,
            f"{_format_instant(start)} by the clock of {settings.LEGACY_TIME_ZONE}",
            f"made {_format_instant(made_at)}",
        )


def _differ_by_time_zone(start: str | None, made: str | None) -> bool:
    """Say whether the two clock faces are a time zone apart; a start planned for a full hour tells nothing."""
    if not start or not made:
        return False
    shown, counted = parse_instant(start, naive=UTC, local=UTC), parse_instant(made, naive=UTC, local=UTC)
    if shown is None or counted is None or not shown.microsecond:
        return False
    # Real zones are whole quarters of an hour apart: any other distance is no question of the zone.
    distance = shown - counted
    beside = distance % _ZONE_STEP
    return abs(distance) <= _MAX_ZONE_DISTANCE and min(beside, _ZONE_STEP - beside) <= _SAME_MOMENT


def _is_same_instant(cell: str, stored: datetime | None, clock: tzinfo | None = None) -> bool:
    """Say whether the stored instant is the cell's, by the local clock where none is given."""
    naive = clock or load_zone(settings.LEGACY_TIME_ZONE)
    read = parse_instant(cell, naive=naive, local=naive)
    return read is not None and stored is not None and abs(read - stored) <= _ROUNDING_ERROR


def _format_instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(sep=" ").replace("+00:00", " UTC")
