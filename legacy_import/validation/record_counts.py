"""Counting rows on both sides: what the file holds, and what became of each row here.

What lives here: counts, and rows that are missing from their tables. What does not: comparing cells (integrity).
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from legacy_import.cell_words import show_key
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.extract import count_rows
from legacy_import.pipeline.stage.legacy_schema import read_schema
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.validation.check import Check
from legacy_import.validation.differences import NEWER, Difference, Tally
from legacy_import.validation.legacy_files import Reading
from legacy_import.validation.signatures import deletion_author_sql


@dataclass(frozen=True, slots=True)
class TableCount:
    """One legacy table's rows: in the file (`read`), and what became of them here; the rest sums up to `accounted`."""

    table: str
    read: int
    landed: int
    merged: int
    archived: int
    quarantined: int
    deleted: int

    @property
    def accounted(self) -> int:
        """How many rows the ledger knows a place for."""
        return self.landed + self.merged + self.archived + self.quarantined + self.deleted

    def as_line(self) -> dict[str, Any]:
        """Return the count as a line of the check's table."""
        return asdict(self) | {"accounted": self.accounted}


def check_record_counts(reading: Reading) -> Check:
    """Every row of the file stands in the ledger, and every landed one in its table, unless somebody deleted it."""
    missing = Tally()
    counts, deleted = _states(reading), Counter[str]()
    for table, difference in _missing(reading):
        missing.add([difference])
        deleted[table] += difference.explanation == "edited here"
    tables = list(_table_counts(reading, counts, deleted))
    wrong = [
        f"{c.table}: {c.read:,} in the file, {c.accounted:,} accounted for" for c in tables if c.read != c.accounted
    ]
    told = [sentence + (NEWER if reading.changed else "") for sentence in wrong]
    if not missing.passed:
        lost = missing.counts["unexplained"]
        told.append(f"{lost:,} {'row is' if lost == 1 else 'rows are'} missing here: {missing.shown[0].sentence()}")
    return Check(
        f"{reading.source.name}: record counts",
        reading.source.database,
        passed=missing.passed and (reading.changed or not wrong),
        detail="; ".join(told) or _sum_in_words(tables),
        differences=missing.shown,
        lines=tuple(count.as_line() for count in tables),
    )


def _sum_in_words(tables: list[TableCount]) -> str:
    outcomes = ("landed", "merged", "archived", "quarantined", "deleted")
    sums = {outcome: sum(getattr(count, outcome) for count in tables) for outcome in outcomes}
    words = {"deleted": "deleted here"}
    parts = " + ".join(f"{rows:,} {words.get(name, name)}" for name, rows in sums.items() if rows)
    read = sum(count.read for count in tables)
    return f"{read:,} {'row' if read == 1 else 'rows'} in the file" + (f" = {parts}" if parts else "")


def _states(reading: Reading) -> dict[str, Counter[str]]:
    """Return, for each legacy table, how many rows the ledger has in each state."""
    reading.cursor.execute(
        "SELECT legacy_table, state, count(*) FROM ledger WHERE source = %s AND state <> 'gone' GROUP BY 1, 2",
        [reading.source.name],
    )
    states: dict[str, Counter[str]] = {}
    for table, state, rows in reading.cursor.fetchall():
        states.setdefault(table, Counter())[state] = rows
    return states


def _table_counts(reading: Reading, states: dict[str, Counter[str]], deleted: Counter[str]) -> Iterator[TableCount]:
    read = {
        table.name: count_rows(reading.file, table)
        for table in read_schema(reading.file, reading.source, journal_mode="").tables
    }
    for name in read | states:
        here = states.get(name, Counter())
        yield TableCount(
            table=name,
            read=read.get(name, 0),
            landed=here["live"] - deleted[name],
            merged=here["merged"],
            archived=here["archived"],
            quarantined=here["quarantined"],
            deleted=here["deleted"] + deleted[name],
        )


def _missing(reading: Reading) -> Iterator[tuple[str, Difference]]:
    """Yield each row that landed and is not in its table any more, with who deleted it."""
    for table in reading.source.tables:
        target = target_table_of(table.model)
        key = identifier(target.key)
        reading.cursor.execute(
            f"""
            SELECT l.key, {deletion_author_sql(literal(target.name), "l.target_key")} FROM ledger AS l
            WHERE l.source = {literal(reading.source.name)} AND l.legacy_table = {literal(table.name)}
              AND l.state = 'live'
              AND NOT EXISTS (SELECT FROM {identifier(target.name)} AS t WHERE t.{key} = l.target_key)
            ORDER BY l.key
            """
        )
        for found, author in reading.cursor.fetchall():
            yield (
                table.name,
                Difference(
                    "edited here" if author else "unexplained",
                    table.name,
                    show_key(found),
                    "",
                    None,
                    "a row",
                    author or "",
                ),
            )
