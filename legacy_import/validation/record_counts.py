"""The record count check: rows in the legacy file against what became of each of them here, by the ledger.

It also finds rows that landed and are missing from their tables. Cells are compared in `integrity`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from legacy_import.cell_display import format_key
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.stage.extract import count_rows
from legacy_import.pipeline.stage.schema_reading import read_schema
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.validation.check import Check
from legacy_import.validation.differences import NEWER_REMARK, Difference, Tally
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


def check_file_limits(reading: Reading) -> Check | None:
    """Name what the file asks for and this SQLite lacks, which fails nothing; None where it lacks nothing."""
    limits = read_schema(reading.file, reading.source, journal_mode="").limits
    name = f"{reading.source.name}: what SQLite lacks"
    return Check(name, reading.source.database, passed=True, detail="; ".join(limits)) if limits else None


def check_record_counts(reading: Reading) -> Check:
    """Every row of the file is in the ledger, and every landed one in its table, unless a known person deleted it."""
    missing = Tally()
    deleted = Counter[str]()
    for table, difference in _find_missing_rows(reading):
        missing.add_differences([difference])
        deleted[table] += difference.explanation == "edited here"
    tables = list(_count_tables(reading, deleted))
    wrong = [
        f"{c.table}: {c.read:,} in the file, {c.accounted:,} accounted for" for c in tables if c.read != c.accounted
    ]
    sentences = [sentence + (NEWER_REMARK if reading.changed else "") for sentence in wrong]
    if not missing.all_explained:
        lost, first = missing.counts["unexplained"], missing.kept_differences[0]
        sentences.append(f"{lost:,} {'row is' if lost == 1 else 'rows are'} missing here: {first.as_sentence()}")
    if not sentences:
        outcomes = ("landed", "merged", "archived", "quarantined", "deleted")
        sums = {outcome: sum(getattr(count, outcome) for count in tables) for outcome in outcomes}
        words = {"deleted": "deleted here"}
        parts = " + ".join(f"{rows:,} {words.get(name, name)}" for name, rows in sums.items() if rows)
        read = sum(count.read for count in tables)
        sentences.append(f"{read:,} {'row' if read == 1 else 'rows'} in the file" + (f" = {parts}" if parts else ""))
    return Check(
        f"{reading.source.name}: record counts",
        reading.source.database,
        passed=missing.all_explained and (reading.changed or not wrong),
        detail="; ".join(sentences),
        differences=missing.kept_differences,
        lines=tuple(count.as_line() for count in tables),
    )


def _count_tables(reading: Reading, deleted: Counter[str]) -> Iterator[TableCount]:
    """Yield each legacy table's rows in the file and by the ledger's states; deleted ones have landed before."""
    reading.cursor.execute(
        "SELECT legacy_table, state, count(*) FROM ledger WHERE source = %s AND state <> 'gone' GROUP BY 1, 2",
        [reading.source.name],
    )
    states: dict[str, Counter[str]] = {}
    for table, state, rows in reading.cursor.fetchall():
        states.setdefault(table, Counter())[state] = rows
    read = {
        legacy.name: count_rows(reading.file, legacy)
        for legacy in read_schema(reading.file, reading.source, journal_mode="").tables
    }
    # A table may have left the file, or be new in it: both sides' names are counted.
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


def _find_missing_rows(reading: Reading) -> Iterator[tuple[str, Difference]]:
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
                    format_key(found),
                    "",
                    None,
                    "a row",
                    author or "",
                ),
            )
