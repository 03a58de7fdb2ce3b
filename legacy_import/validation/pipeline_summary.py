"""The view current_pipeline_summary compared with sums that Python computes from the legacy files alone.

The view's own definition is evaluated on any day. On the real files the last 30 days are rightly empty, so the day of
the newest inquiry is checked as well. A row that was edited, fixed or made here, that was refused, or whose file has
changed, has no legacy figures: it is taken from its table, and counted.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db.backends.utils import CursorWrapper

from legacy_import.cells import serialize_cell
from legacy_import.mapping import Source, Table
from legacy_import.pipeline.edits import gather_edits
from legacy_import.pipeline.quoting import literal, literal_list
from legacy_import.pipeline.stage.extract import read_exact_rows
from legacy_import.pipeline.stage.legacy_schema import quote_sqlite_name
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.sources import SOURCES
from legacy_import.validation.amounts import parse_amount
from legacy_import.validation.check import Check
from legacy_import.validation.clock_readings import load_zone, parse_instant
from legacy_import.validation.legacy_files import LegacyFiles, LegacySide, last_imported_sha256, open_read_transaction
from legacy_import.validation.pipeline_value import INQUIRY_MODEL, inquiry_tables, read_column_names
from legacy_import.validation.signatures import edit_author_sql
from synapse.foundation.databases import BUSINESS_CORE

_VIEW: Final = "current_pipeline_summary"
_NAME: Final = f"all sources: {_VIEW}"
_TODAY: Final = "CURRENT_DATE"
_WINDOW: Final = timedelta(days=30)
_COUNTED_COLUMNS: Final = ("created_at", "status", "estimated_value")


@dataclass(frozen=True, slots=True)
class Summary:
    """What the view shows of a set of inquiries; `valued` is how many have a value."""

    total: int = 0
    new: int = 0
    value: Decimal = Decimal(0)
    valued: int = 0

    def __add__(self, other: "Summary") -> "Summary":
        """Return both together."""
        return Summary(
            self.total + other.total, self.new + other.new, self.value + other.value, self.valued + other.valued
        )

    def view_columns(self) -> tuple[int, int, Decimal, Decimal]:
        """Return the view's columns: total, new, worth and mean, to the cent."""
        mean = self.value / self.valued if self.valued else Decimal(0)
        return self.total, self.new, self.value, round(mean, 2)


@dataclass(slots=True)
class _Expected:
    """What the view should say of a day: the inquiries since `first`, summed up from the files and from the table."""

    first: datetime
    from_table: Summary
    from_files: Summary = Summary()

    def add_inquiry(self, created_at: datetime, *, is_new: bool, value: Decimal | None) -> None:
        if created_at >= self.first:
            self.from_files += Summary(1, int(is_new), value or Decimal(0), int(value is not None))


def check_pipeline_summary(files: LegacyFiles, *, today: date) -> Check:
    """The view says today, and said on the day of the newest inquiry, what the legacy files say."""
    sources = [source for source in SOURCES if inquiry_tables(source)]
    with open_read_transaction(BUSINESS_CORE) as cursor:
        gather_edits(cursor, target_table_of(INQUIRY_MODEL))
        cursor.execute("SELECT pg_get_viewdef(%s::regclass)", [_VIEW])
        definition = str(cursor.fetchone()[0]).rstrip().rstrip(";")
        if _TODAY not in definition:
            return _summary_check(f"the view {_VIEW} no longer depends on {_TODAY}: it is not the specification's", [])
        cursor.execute("SELECT max(created_at) FROM consultation_inquiries")
        newest: datetime | None = cursor.fetchone()[0]
        days = sorted({today, newest.astimezone(UTC).date() if newest else today})
        # What a changed file holds is newer in legacy: its rows are taken from the table.
        sides = [
            side
            for source in sources
            if (imported := last_imported_sha256(source)) is not None
            and (side := files.open_snapshot(source)).snapshot.sha256 == imported
        ]
        # So are those of a table whose file lacks one of the columns that the view counts.
        read = [(s, t) for s in sides for t in inquiry_tables(s.source) if _has_counted_columns(s, t)]
        lines = [
            {
                "day": f"{day}{' (today)' if day == today else ''}",
                "view": _read_view_figures(cursor, "" if day == today else definition, day),
                "legacy files": _format_figures((expected.from_files + expected.from_table).view_columns()),
                "of these from the table": expected.from_table.total,
            }
            for day, expected in _expected_by_day(cursor, read, days).items()
        ]
    wrong = [line for line in lines if line["view"] != line["legacy files"]]
    return _summary_check(
        "; ".join(f"on {line['day']} {line['view']} here, {line['legacy files']} in the files" for line in wrong), lines
    )


def _read_view_figures(cursor: CursorWrapper, definition: str, day: date) -> str:
    """Return what the view says; of another day than today, its definition with that day in place of today."""
    past = f"({definition.replace(_TODAY, f'DATE {literal(day.isoformat())}')})" if definition else _VIEW
    cursor.execute(f"SELECT total_inquiries, new_inquiries, total_pipeline_value, avg_deal_value FROM {past} AS v")
    total, new, value, mean = (figure or 0 for figure in cursor.fetchone())
    return _format_figures((total, new, Decimal(value), round(Decimal(mean), 2)))


def _summary_check(trouble: str, lines: list[dict[str, Any]]) -> Check:
    detail = "; ".join(f"on {line['day']} {line['view']}" for line in lines)
    return Check(
        _NAME, BUSINESS_CORE, passed=not trouble, detail=trouble or f"{detail}: equal to the files'", lines=tuple(lines)
    )


def _format_figures(shown: tuple[int, int, Decimal, Decimal]) -> str:
    total, new, value, mean = shown
    return f"{total:,} inquiries, {new:,} of them new, worth {value:,.2f}, {mean:,.2f} on average"


def _has_counted_columns(side: LegacySide, table: Table) -> bool:
    return read_column_names(side.file, table).issuperset(_counted_columns(table))


def _counted_columns(table: Table) -> list[str]:
    """Return the legacy columns of what the view counts, in the order of _COUNTED_COLUMNS."""
    by_target = {column.target: column.legacy_names[0] for column in table.columns}
    return [by_target[name] for name in _COUNTED_COLUMNS]


def _expected_by_day(
    cursor: CursorWrapper, read: list[tuple[LegacySide, Table]], days: list[date]
) -> dict[date, _Expected]:
    names = [(side.source.name, table.name) for side, table in read]
    expected = {}
    for day in days:
        # Of the calendar's first days the window begins with it: Python has no earlier one.
        first = datetime.combine(day, time(), UTC) - min(_WINDOW, day - date.min)
        cursor.execute(
            f"""
            SELECT count(*), count(*) FILTER (WHERE t.status = 'new'), coalesce(sum(t.estimated_value), 0),
                   count(t.estimated_value)
            FROM consultation_inquiries AS t
            WHERE t.created_at >= %s
              AND NOT EXISTS (SELECT FROM ledger AS l WHERE l.target_key = t.inquiry_id AND {_is_untouched_sql(names)})
            """,
            [first],
        )
        expected[day] = _Expected(first, Summary(*cursor.fetchone()))
    for side, table in read:
        _add_file_inquiries(side, table, _find_touched_keys(cursor, side.source, table), list(expected.values()))
    return expected


def _is_untouched_sql(tables: list[tuple[str, str]]) -> str:
    """Return SQL for a condition on the ledger: the row is here as its file has it, as far as the view is concerned.

    `tables` are those whose files are read: source and legacy table.
    """
    of_tables = ", ".join(f"({literal_list(names)})" for names in tables) or "(NULL, NULL)"
    target = target_table_of(INQUIRY_MODEL).name
    signed = " OR ".join(
        f"(e.overlay ? {literal(column)} AND {edit_author_sql(literal(target), 'l.target_key', literal(column))} <> '')"
        for column in _COUNTED_COLUMNS
    )
    return f"""(
        l.state = 'live' AND l.key NOT LIKE '#%%' AND (l.source, l.legacy_table) IN ({of_tables})
        AND NOT EXISTS (SELECT FROM edits_{target} AS e WHERE e.target_key = l.target_key AND ({signed}))
        AND NOT EXISTS (SELECT FROM settlement AS f WHERE f.ledger_id = l.id AND f.withdrawn_at IS NULL)
    )"""


def _find_touched_keys(cursor: CursorWrapper, source: Source, table: Table) -> set[str]:
    """Return the legacy keys, spelled exactly, of the rows that are taken from their table here, not from the file."""
    cursor.execute(
        f"""
        SELECT l.key, l.cells ->> {literal(table.key)}, t.external_inquiry_id
        FROM ledger AS l LEFT JOIN consultation_inquiries AS t ON t.inquiry_id = l.target_key
        WHERE l.source = %s AND l.legacy_table = %s AND NOT {_is_untouched_sql([(source.name, table.name)])}
        """,
        [source.name, table.name],
    )
    return {text for spellings in cursor.fetchall() for text in spellings if text}


def _add_file_inquiries(side: LegacySide, table: Table, touched: set[str], days: list[_Expected]) -> None:
    created = next(column for column in table.columns if column.target == "created_at")
    local = load_zone(settings.LEGACY_TIME_ZONE)
    naive = UTC if created.codec.name == "utc_timestamp" else local
    names = [table.key, *_counted_columns(table)]
    for key, created_cell, status, value in read_exact_rows(side.file, table.name, list(map(quote_sqlite_name, names))):
        created_at = parse_instant(created_cell, naive=naive, local=local) if isinstance(created_cell, str) else None
        # A row without a key is in quarantine.
        if created_at is not None and key not in {None, ""} and serialize_cell(key) not in touched:
            for day in days:
                day.add_inquiry(created_at, is_new=status == "new", value=parse_amount(value))
