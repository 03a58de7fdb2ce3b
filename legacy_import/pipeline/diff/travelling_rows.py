"""Travelling rows: rows of the file that did not change, and that an import has to look at all the same.

The diff knows the file only. What became of a row also depends on what was done here since the last import, and on the
rows it meets: a decision at the quarantine desk, an edit, a row deleted or put back, another source that took a target
over or left it, a row of the same identity, a parent that came or moved. Such rows are staged beside those that differ.
Asked in the import's turn to merge, in each attempt: what people do meanwhile is found by the next import, unless it is
done to a row that this one writes (merge_attempts.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper

from legacy_import.mapping import Column
from legacy_import.pipeline.quoting import identifier, literal, literal_list
from legacy_import.pipeline.stage.stage import Stage
from legacy_import.pipeline.target_table import target_table_of

TRAVELLING: Final = "travelling"
"""Temporary table (ledger_id, row_id): the ledger rows of one legacy table that have to be staged as well."""
_TOUCHED: Final = "touched_keys"
"""Temporary table (target_key): target rows that somebody or something touched since the last import."""
_PARENTS: Final = "touched_parents"
"""Temporary table (target_key): parents that came, moved or were changed here since the last import."""


@dataclass(frozen=True, slots=True)
class BaseRun:
    """The import whose snapshot is compared with, and what else was merged into the database since."""

    run: str
    change_mark: int
    later_runs: tuple[str, ...]


def find_travelling_rows(cursor: CursorWrapper, stage: Stage, base: BaseRun, *, staged: Sequence[Stage]) -> int:
    """Gather the unchanged rows that have to be staged as well; return how many. `staged` are the file's stages."""
    if stage.table is None:
        found = ["SELECT id FROM ledger AS l WHERE l.state <> 'archived'"]
        found += [f"SELECT id FROM ledger AS l WHERE {_by_later_runs(base)}"] if base.later_runs else []
    else:
        _gather_touched_keys(cursor, stage, base, staged=staged)
        met = ["l.base IS NOT NULL", *_orphan_reasons(cursor, stage)]
        met += [_by_later_runs(base)] if base.later_runs else []
        # One query for each way to a row, so that each takes the index that it has: with OR all rows are looked at.
        found = [
            "SELECT id FROM ledger AS l WHERE l.state IN ('quarantined', 'deleted', 'archived')",
            f"SELECT id FROM ledger AS l WHERE ({' OR '.join(met)})",
            f"SELECT id FROM ledger AS l JOIN {_TOUCHED} AS k ON k.target_key = l.target_key WHERE l.owns",
            f"SELECT id FROM ledger AS l JOIN {_TOUCHED} AS k ON k.target_key = l.target_key WHERE NOT l.owns",
            "SELECT id FROM ledger AS l WHERE l.id IN (SELECT ledger_id FROM settlement)",
        ]
    return _gather_rows(cursor, stage, found)


def _by_later_runs(base: BaseRun) -> str:
    return f"l.run_id IN ({literal_list(base.later_runs)})"


def _gather_rows(cursor: CursorWrapper, stage: Stage, queries: Sequence[str]) -> int:
    """Fill the table of the travelling rows from queries of ids, those that are staged or gone left out."""
    ours = (
        f" AND l.source = {literal(stage.source.name)} AND l.legacy_table = {literal(stage.legacy.name)}"
        " AND l.state <> 'gone'"
    )
    cursor.execute(f"DROP TABLE IF EXISTS {TRAVELLING}")
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE {TRAVELLING} ON COMMIT DROP AS
        WITH found AS MATERIALIZED ({" UNION ".join(f"{query}{ours}" for query in queries)})
        SELECT l.id AS ledger_id, l.row_id FROM found JOIN ledger AS l USING (id)
        WHERE NOT EXISTS (SELECT FROM {stage.name} AS s WHERE s.ledger_id = l.id)
          AND NOT EXISTS (SELECT FROM {stage.vanished} AS v WHERE v.ledger_id = l.id)
        """
    )
    count: int = cursor.rowcount
    return count


def find_rows_of_same_identity(cursor: CursorWrapper, stage: Stage) -> int:
    """Gather the unchanged rows that share a target with one that is staged or vanished; return how many.

    Of rows with one identity all are judged together, or none.
    """
    keys = [
        f"SELECT target_key FROM {stage.name}",
        f"SELECT k.target_key FROM {stage.name} AS s JOIN ledger AS k ON k.id = s.ledger_id",
        f"SELECT k.target_key FROM {stage.vanished} AS v JOIN ledger AS k ON k.id = v.ledger_id",
    ]
    _create_keys(cursor, _TOUCHED, keys)
    joined = f"SELECT id FROM ledger AS l JOIN {_TOUCHED} AS k ON k.target_key = l.target_key WHERE"
    return _gather_rows(cursor, stage, [f"{joined} l.owns", f"{joined} NOT l.owns"])


def _gather_touched_keys(cursor: CursorWrapper, stage: Stage, base: BaseRun, *, staged: Sequence[Stage]) -> None:
    """Gather the keys of the stage's targets that were touched, and first of the parents they refer to."""
    changed = _changed_here_sql(stage.target.name, base)
    settled = (
        "SELECT k.target_key FROM ledger AS k WHERE k.target_key IS NOT NULL"
        " AND k.id IN (SELECT ledger_id FROM settlement)"
    )
    keys = [changed, settled]
    if base.later_runs:
        keys.append(f"SELECT l.target_key FROM ledger AS l WHERE {_by_later_runs(base)}")
    references = [column for column in stage.mapped_columns if column.reference]
    _gather_parents(cursor, references, base, staged=staged)
    table, key = identifier(stage.target.name), identifier(stage.target.key)
    keys += [
        f"SELECT t.{key} FROM {table} AS t JOIN {_PARENTS} AS p ON p.target_key = t.{identifier(column.target)}"
        for column in references
    ]
    _create_keys(cursor, _TOUCHED, keys)


def _changed_here_sql(target: str, base: BaseRun) -> str:
    """Return SQL for the rows of a target that people ever changed, or anything but the base's run since it."""
    return (
        f"SELECT c.row_key AS target_key FROM change_log AS c WHERE c.table_name = {literal(target)}"
        f" AND (c.import_run IS NULL OR c.id > {base.change_mark}"
        f" AND c.import_run IS DISTINCT FROM {literal(base.run)}::uuid)"
    )


def _gather_parents(
    cursor: CursorWrapper, references: Sequence[Column], base: BaseRun, *, staged: Sequence[Stage]
) -> None:
    parents = {column.reference.parent for column in references if column.reference}
    # The key of such a parent is known to the ledger alone: it is another where another source has taken it over.
    keyed_by_ledger = {one.reference.parent for one in references if one.reference and not one.reference.text_column}
    keys = ["SELECT NULL::uuid AS target_key WHERE false"]
    for parent in sorted(parents):
        # People's changes of all times: one that was committed late may be older by its number than the base's mark.
        keys.append(_changed_here_sql(parent, base))
        if base.later_runs and parent in keyed_by_ledger:
            written = f"{_by_later_runs(base)} AND l.target_table = {literal(parent)}"
            keys.append(f"SELECT l.target_key FROM ledger AS l WHERE {written}")
        for one in staged:
            if one.table and target_table_of(one.table.model).name == parent:
                keys += _moving_parents(one)
    _create_keys(cursor, _PARENTS, keys)


def _moving_parents(stage: Stage) -> Iterator[str]:
    """Yield SQL for the parents that this import brings, moves, or no longer finds in the file."""
    moved = "k.id IS NULL OR k.state <> 'live' OR k.target_key <> s.target_key"
    for key in ("s.target_key", "k.target_key"):
        yield f"SELECT {key} FROM {stage.name} AS s LEFT JOIN ledger AS k ON k.id = s.ledger_id WHERE {moved}"
    yield (
        f"SELECT l.target_key FROM ledger AS l WHERE l.source = {literal(stage.source.name)}"
        f" AND l.legacy_table = {literal(stage.legacy.name)} AND l.state <> 'gone' AND {stage.lacks_sql()}"
    )


def _orphan_reasons(cursor: CursorWrapper, stage: Stage) -> Iterator[str]:
    """Yield SQL for rows whose parent was not found, where some parent has come or changed."""
    cursor.execute(f"SELECT EXISTS (SELECT FROM {_PARENTS})")
    if cursor.fetchone()[0]:
        for column in stage.mapped_columns:
            if column.reference:
                # An orphan's cell is its residue.
                yield f"l.cells ? {literal(column.legacy_names[0])}"


def _create_keys(cursor: CursorWrapper, name: str, queries: Sequence[str]) -> None:
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    united = " UNION ".join(f"({query})" for query in queries)
    cursor.execute(
        f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS"
        f" SELECT k.target_key FROM ({united}) AS k WHERE k.target_key IS NOT NULL"
    )
    cursor.execute(f"ANALYZE {name}")
