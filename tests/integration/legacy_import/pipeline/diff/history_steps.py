"""The steps of a history: what may happen to a file, and what people may do here; each is drawn from a seed."""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from random import Random
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from legacy_import.models import Divergence, LedgerRow, Settlement
from legacy_import.services import (
    RowFix,
    archive_quarantined_rows,
    fix_quarantined_rows,
    replay_quarantined_rows,
    withdraw_settlements,
)
from legacy_import.services.undoing import UndoRequest, latest_import, undo_run
from tests.factories import make_post
from tests.imports import execute, rows
from tests.integration.legacy_import.desk.desk import proper_fix
from tests.integration.legacy_import.pipeline.diff.drawn_tables import MOMENTS, TABLES, TARGETS

if TYPE_CHECKING:
    from tests.integration.legacy_import.pipeline.diff.histories import History

_NEXT: Final = "(SELECT coalesce(max(rowid), 0) + 1 FROM {table})"

Step = Callable[["History", str, Random], None]


def insert_drawn_row(
    file: sqlite3.Connection, table: str, rng: Random, *, key: Any, odd: float, verb: str = "INSERT"
) -> None:
    columns = TABLES[table]
    others = list(columns.values())[1:]
    cells = [key, *(rng.choice(one.cells) if rng.random() < 0.3 + odd else one.cells[1] for one in others)]
    if table == "linkedin_posts" and rng.random() > odd:
        cells[2] = MOMENTS[0]
    with suppress(sqlite3.IntegrityError):
        file.execute(f"{verb} INTO {table} VALUES ({', '.join('?' * len(cells))})", cells)


def _change_file(history: "History", name: str, *statements: tuple[str, tuple[Any, ...]]) -> None:
    with closing(sqlite3.connect(history.path(name), isolation_level=None)) as file:
        for sql, cells in statements:
            history.told.append(f"{name}: {sql} {cells!r:.100}")
            file.execute(sql, cells)


def _table(rng: Random) -> str:
    return rng.choice(list(TABLES))


def _one_row(history: "History", name: str, table: str, rng: Random) -> Any:
    """Return the key of some row of the table, None where there is none."""
    key = next(iter(TABLES[table]))
    with closing(sqlite3.connect(history.path(name))) as file:
        found = file.execute(f"SELECT {key} FROM {table} ORDER BY {key}").fetchall()
    return rng.choice(found)[0] if found else None


def change_cell(history: "History", name: str, rng: Random) -> None:
    table = _table(rng)
    key, *columns = TABLES[table]
    column = rng.choice(columns)
    cell = rng.choice(TABLES[table][column].cells)
    row = _one_row(history, name, table, rng)
    _change_file(history, name, (f"UPDATE {table} SET {column} = ? WHERE {key} IS ?", (cell, row)))


def change_key(history: "History", name: str, rng: Random) -> None:
    table = _table(rng)
    key = next(iter(TABLES[table]))
    cell = rng.choice((*TABLES[table][key].cells, None))
    row = _one_row(history, name, table, rng)
    _change_file(history, name, (f"UPDATE {table} SET {key} = ? WHERE {key} IS ?", (cell, row)))


def swap_keys(history: "History", name: str, rng: Random) -> None:
    table = _table(rng)
    key = next(iter(TABLES[table]))
    one, other = (_one_row(history, name, table, rng) for _ in range(2))
    spare = 1000 if key == "id" else "spare"
    sql = f"UPDATE {table} SET {key} = ? WHERE {key} IS ?"
    _change_file(history, name, (sql, (spare, one)), (sql, (one, other)), (sql, (other, spare)))


def delete_rows(history: "History", name: str, rng: Random) -> None:
    table = _table(rng)
    key = next(iter(TABLES[table]))
    for _ in range(rng.choice((1, 1, 3))):
        _change_file(history, name, (f"DELETE FROM {table} WHERE {key} IS ?", (_one_row(history, name, table, rng),)))


def insert_row(history: "History", name: str, rng: Random) -> None:
    table = _table(rng)
    key = rng.choice(next(iter(TABLES[table].values())).cells)
    verb = rng.choice(("INSERT", "INSERT OR REPLACE"))
    with closing(sqlite3.connect(history.path(name))) as file, file:
        insert_drawn_row(file, table, rng, key=key, odd=0.2, verb=verb)
    history.told.append(f"{name}: {verb} {table} {key}")


def rewrite_rows(history: "History", name: str, rng: Random) -> None:
    table = _table(rng)
    _change_file(history, name, (f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}", ()))


def move_row(history: "History", name: str, rng: Random) -> None:
    table = _table(rng)
    key = next(iter(TABLES[table]))
    row = _one_row(history, name, table, rng)
    _change_file(history, name, (f"UPDATE {table} SET rowid = {_NEXT.format(table=table)} WHERE {key} IS ?", (row,)))


def vacuum(history: "History", name: str, rng: Random) -> None:
    _change_file(history, name, ("VACUUM", ()))


def add_index_or_column(history: "History", name: str, rng: Random) -> None:
    table = _table(rng)
    number = rng.randrange(1000)
    index = f"CREATE INDEX index_{number} ON {table} ({list(TABLES[table])[1]})"
    _change_file(history, name, (rng.choice((index, f"ALTER TABLE {table} ADD COLUMN more_{number}")), ()))


def _target_row(rng: Random) -> tuple[str, str, str | None]:
    table = rng.choice(list(TARGETS))
    key, _ = TARGETS[table]
    found = [str(one) for (one,) in rows("default", f"SELECT {key} FROM {table} ORDER BY {key}")]
    # Rows made here have keys of their own, which no other play has.
    owned = {str(one) for (one,) in rows("default", "SELECT target_key FROM ledger WHERE target_key IS NOT NULL")}
    found = [one for one in found if one in owned]
    return table, key, rng.choice(found) if found else None


def edit_here(history: "History", name: str, rng: Random) -> None:
    table, key, row = _target_row(rng)
    column, values = rng.choice(list(TARGETS[table][1].items()))
    value = rng.choice(values)
    history.told.append(f"here: {table}.{column} = {value} of {row}")
    execute("default", f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [value, row])


def delete_here(history: "History", name: str, rng: Random) -> None:
    table, key, row = _target_row(rng)
    history.told.append(f"here: DELETE {table} {row}")
    ((text,),) = rows("default", f"SELECT to_jsonb(t)::text FROM {table} AS t WHERE {key} = %s", [row])
    execute("default", f"DELETE FROM {table} WHERE {key} = %s", [row])
    history.deleted.append((table, text))


def put_back_here(history: "History", name: str, rng: Random) -> None:
    if history.deleted:
        table, text = rng.choice(history.deleted)
        execute(
            "default",
            f"INSERT INTO {table} SELECT r.* FROM jsonb_populate_record(NULL::{table}, %s::jsonb) AS r",
            [text],
        )


def make_here(history: "History", name: str, rng: Random) -> None:
    key = rng.choice(("p2", "p9", "p10"))
    history.told.append(f"here: post {key}")
    # The same one in the other play.
    make_post(external_post_id=key, pk=uuid5(NAMESPACE_URL, f"{key} {len(history.told)}"))


def _quarantined(rng: Random) -> LedgerRow | None:
    found = list(
        LedgerRow.objects.using("default").filter(state="quarantined").order_by("source", "legacy_table", "pk")
    )
    return rng.choice(found) if found else None


def fix_row(history: "History", name: str, rng: Random) -> None:
    if row := _quarantined(rng):
        fixes = proper_fix(row)
        cells = {**fixes.cells, **({"month": "2025-07"} if "month" in fixes.cells else {})}
        history.told.append(f"here: fix {row} {cells!r:.80}")
        fix_quarantined_rows("default", [RowFix(row.pk, cells)], reason="a test", author="sofia")


def archive_row(history: "History", name: str, rng: Random) -> None:
    if row := _quarantined(rng):
        history.told.append(f"here: archive {row}")
        archive_quarantined_rows("default", [row.pk], reason="a test", author="sofia")


def replay_row(history: "History", name: str, rng: Random) -> None:
    if row := _quarantined(rng):
        history.told.append(f"here: replay {row}")
        replay_quarantined_rows("default", [row.pk], author="sofia")


def withdraw(history: "History", name: str, rng: Random) -> None:
    found = Settlement.objects.using("default").filter(withdrawn_at=None).order_by("ledger_id")
    if chosen := list(found):
        one = rng.choice(chosen)
        history.told.append(f"here: withdraw {one}")
        withdraw_settlements("default", [one.pk], author="sofia")


def choose(history: "History", name: str, rng: Random) -> None:
    if found := list(Divergence.objects.using("default").order_by("pk")):
        one = rng.choice(found)
        history.told.append(f"here: keep {one!s:.80}")
        Divergence.objects.using("default").filter(pk=one.pk).update(choice="kept", chosen_by="sofia")


def undo(history: "History", name: str, rng: Random) -> None:
    run = latest_import(name)
    history.told.append(f"here: undo of {name}")
    undo_run(UndoRequest("default", run.pk, requested_by="olga", with_later=True))


FILE_STEPS: Final[tuple[Step, ...]] = (
    *[change_cell] * 8,
    *[insert_row] * 4,
    *[delete_rows] * 3,
    *[change_key] * 2,
    swap_keys,
    rewrite_rows,
    *[move_row] * 2,
    vacuum,
    add_index_or_column,
)
STEPS_HERE: Final[tuple[Step, ...]] = (
    *[edit_here] * 5,
    *[delete_here] * 2,
    *[put_back_here] * 2,
    *[make_here] * 2,
    *[fix_row] * 2,
    archive_row,
    replay_row,
    withdraw,
    choose,
    undo,
)
