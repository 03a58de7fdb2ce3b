"""How long staff's saves wait while an import or an undo of changed rows runs, beside saves of an idle database.

Run by `make bench`; `--rows N` for another size. Two people save without a pause: one rows that the import does not
write, one rows that it does (locked and let go again, so that there is no edit to make the import begin anew).
What does not live here: thresholds. The figures of record are in docs/performance.md.
"""

import argparse
import os
import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.import_speed import PRIMARY, bare_copy_command, own_surroundings, run_manage

_DATABASE: Final = "synapse_business_core"
_IDLE_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.005


@dataclass(slots=True)
class Saver:
    """A person who saves rows one after the other, and how long each save took."""

    address: str
    statement: str
    keys: list[str]
    commits: bool
    seconds: list[float] = field(default_factory=list)

    def save_until(self, done: threading.Event) -> None:
        """Save rows drawn by chance until told that it is done."""
        draw = random.Random(1)  # noqa: S311  # which rows does not matter
        with psycopg.connect(self.address) as connection:
            while not done.is_set():
                began = time.perf_counter()
                connection.execute(self.statement.encode(), [draw.choice(self.keys)])
                (connection.commit if self.commits else connection.rollback)()
                self.seconds.append(time.perf_counter() - began)
                time.sleep(_PAUSE_SECONDS)


@dataclass(frozen=True, slots=True)
class Waits:
    """One scene: how long it took, and the saves of rows that it does not write and of those that it does."""

    scene: str
    seconds: float
    others: list[float]
    written: list[float]


def main() -> int:
    """Measure, print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows: int = parser.parse_args().rows
    console = Console()
    with own_surroundings() as folder:
        legacy = folder / "legacy"
        console.print(f"Writing and importing {rows:,} rows …")
        run_manage("demo_legacy", str(legacy), "--rows", str(rows))
        run_manage("migrate_all")
        run_manage("import_legacy", "--source=primary", f"--legacy-dir={legacy}")
        bench = _Bench(legacy, _address())
        table = as_table([*bench.scenes()], rows=rows)
    console.print(table)
    return 0


def _address() -> str:
    bare_copy_command(Path())
    return f"{os.environ['BENCH_CONNECTION']} dbname={_DATABASE}"


class _Bench:
    def __init__(self, legacy: Path, address: str) -> None:
        self._file, self._legacy, self._address = legacy / PRIMARY, legacy, address
        with psycopg.connect(address) as connection:
            found = connection.execute(
                "SELECT key, target_key::text FROM ledger WHERE legacy_table = 'consultation_inquiries' ORDER BY key"
            ).fetchall()
        random.Random(2).shuffle(found)  # noqa: S311  # which rows does not matter
        self._rows = found

    def scenes(self) -> Iterator[Waits]:
        """Yield the scenes, one after the other on one database."""
        hundredth = len(self._rows) // 100
        yield self._measure("idle", lambda: time.sleep(_IDLE_SECONDS), 10)
        yield self._measure("import, unchanged", self._import, 10)
        for words, count in (("import, ten rows", 10), ("import, 1 %", hundredth)):
            self._change(words, count)
            yield self._measure(words, self._import, count)
        yield self._measure("undo of 1 %", self._undo, hundredth)

    def _import(self) -> None:
        run_manage("import_legacy", "--source=primary", f"--legacy-dir={self._legacy}")

    @staticmethod
    def _undo() -> None:
        run_manage("undo_import", "--source=primary", "--no-input")

    def _change(self, words: str, count: int) -> None:
        with closing(sqlite3.connect(self._file)) as file, file:
            file.executemany(
                "UPDATE consultation_inquiries SET company = ? WHERE inquiry_id = ?",
                [(words, key) for key, _ in self._rows[:count]],
            )

    def _measure(self, scene: str, run: Callable[[], None], count: int) -> Waits:
        keys = [key for _, key in self._rows]
        row = "WHERE inquiry_id = %s"
        edit = f"UPDATE consultation_inquiries SET notes = 'saved' || random() {row}"
        others = Saver(self._address, edit, keys[len(keys) // 2 :], commits=True)
        written = Saver(
            self._address, f"SELECT FROM consultation_inquiries {row} FOR NO KEY UPDATE", keys[:count], commits=False
        )
        with _saving(others, written):
            began = time.perf_counter()
            run()
            seconds = time.perf_counter() - began
        return Waits(scene, seconds, others.seconds, written.seconds)


@contextmanager
def _saving(*savers: Saver) -> Iterator[None]:
    done = threading.Event()
    threads = [threading.Thread(target=one.save_until, args=[done]) for one in savers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def as_table(scenes: list[Waits], *, rows: int) -> Table:
    """Return the scenes for people; the first is the database without an import."""
    table = Table(title=f"{rows:,} rows of the primary: saves meanwhile")
    for column in ("", "seconds", "saves", "longest, other rows", "longest, written rows"):
        table.add_column(column, justify="left" if not column else "right")
    for one in scenes:
        table.add_row(
            one.scene,
            f"{one.seconds:.1f}",
            f"{len(one.others):,}",
            f"{max(one.others):.3f} s",
            f"{max(one.written):.3f} s",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
