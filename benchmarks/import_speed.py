"""How long imports, validation, export and undo take, told as ratios to baselines measured in the same run.

The baselines: a bare COPY of the same rows, reading the file, and the first import.

Run by `make bench`; `--rows N` for another size. Everything happens in a folder of its own, with an embedded
PostgreSQL of its own: no database of this checkout is touched.
What does not live here: thresholds. A ratio is for a person, or for the caller, to judge.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

PROJECT: Final = Path(__file__).resolve().parent.parent
PRIMARY: Final = "linkedin_business_development.db"
TABLES: Final = ("linkedin_posts", "consultation_inquiries")
BARE_COPY: Final = "bare COPY"
READING: Final = "reading the file"
FIRST_IMPORT: Final = "first import"
SCRATCH: Final = "bare_copy"
DATABASE_URLS: Final = ("DATABASE_URL", "ANALYTICS_DATABASE_URL", "REVENUE_DATABASE_URL")
LARGEST_RSS_UNIT_BYTES: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Measurement:
    """One way of carrying the rows: how long it took, and the most memory its process held."""

    name: str
    seconds: float
    peak_bytes: int


def main() -> int:
    """Measure, print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--bare-copy", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.bare_copy:
        return copy_bare(arguments.bare_copy, os.environ["BENCH_CONNECTION"])
    if arguments.read:
        return read_file(arguments.read)
    console = Console()
    with own_surroundings() as folder:
        console.print(f"Writing {arguments.rows:,} rows …")
        run_manage("demo_legacy", str(folder / "legacy"), "--rows", str(arguments.rows))
        run_manage("migrate_all")
        measured = list(measure_all(folder, arguments.rows))
    console.print(as_table(measured, rows=arguments.rows))
    return 0


def measure_all(folder: Path, rows: int) -> Iterator[Measurement]:
    """Yield the baselines, then what the operator does, each on what the one before left."""
    legacy_dir = folder / "legacy"
    live, manage = legacy_dir / PRIMARY, [sys.executable, str(PROJECT / "manage.py")]
    imported = import_command(legacy_dir)
    yield measure(BARE_COPY, bare_copy_command(live))
    yield measure(READING, [sys.executable, __file__, "--read", str(live)])
    yield measure(FIRST_IMPORT, imported, check=import_check(rows, "inserted", rows))
    yield measure("import, unchanged", imported, check=import_check(rows, "unchanged", rows))
    change_rows(live, 10)
    yield measure("import, 10 rows changed", imported, check=import_check(rows, "updated", 10))
    change_rows(live, rows // 100)
    yield measure("import, 1 % changed", imported, check=import_check(rows, "updated", rows // 100))
    primary = ["--source=primary", f"--legacy-dir={legacy_dir}"]
    yield measure("validation", [*manage, "validate_migration", *primary, "--json"], check=validation_check)
    yield measure("export", [*manage, "export_legacy", f"--output={folder / 'export'}", "--source=primary"])
    yield measure("undo of the 1 %, with its dump", [*manage, "undo_import", "--source=primary", "--no-input"])


def change_rows(live: Path, count: int) -> None:
    """Change so many inquiries, spread over the table."""
    with closing(sqlite3.connect(live)) as file, file:
        (rows,) = file.execute("SELECT count(*) FROM consultation_inquiries").fetchone()
        file.execute(
            "UPDATE consultation_inquiries SET notes = coalesce(notes, '') || '.'"
            " WHERE rowid IN (SELECT rowid FROM consultation_inquiries WHERE rowid % ? = 0 LIMIT ?)",
            [rows // count, count],
        )


def validation_check(output: str) -> None:
    """Leave where the validation did not pass: then something else was measured."""
    failed = [check for check in json.loads(output)["checks"] if not check["passed"]]
    if failed:
        raise SystemExit(f"The validation failed: {failed[0]['name']}: {failed[0]['detail']}")


@contextmanager
def own_surroundings() -> Iterator[Path]:
    """Give a temporary folder that holds the files and the server; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="synapse-bench-"))
    # The server may have to run as another user, who must reach its data.
    folder.chmod(0o755)
    for name in DATABASE_URLS:
        os.environ.pop(name, None)
    os.environ |= {
        "SYNAPSE_VAR_DIR": str(folder / "var"),
        "BACKUP_DIR": str(folder / "backups"),
        "DJANGO_SETTINGS_MODULE": "synapse.settings",
        "PYTHONPATH": str(PROJECT),
    }
    try:
        yield folder
    finally:
        with suppress(subprocess.CalledProcessError):
            run_manage("postgres", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def run_manage(*arguments: str) -> str:
    """Run a management command and return what it printed."""
    command = [sys.executable, str(PROJECT / "manage.py"), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT).stdout


def bare_copy_command(path: Path) -> list[str]:
    """Return the command of the baseline: this very file, in a process of its own so that its memory is its own."""
    script = "import django; django.setup(); from synapse.foundation.embedded_postgres import ensure_server_running"
    script += "; s = ensure_server_running()"
    tell = f"{script}; print(f'host={{s.host}} port={{s.port}} user={{s.user}} password={{s.password}}')"
    address = subprocess.run([sys.executable, "-c", tell], check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    os.environ["BENCH_CONNECTION"] = address.stdout.strip()
    with psycopg.connect(f"{os.environ['BENCH_CONNECTION']} dbname=postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(SCRATCH)))
    return [sys.executable, __file__, "--bare-copy", str(path)]


def import_command(legacy_dir: Path) -> list[str]:
    """Return the command that is measured."""
    manage = str(PROJECT / "manage.py")
    return [sys.executable, manage, "import_legacy", "--source=primary", f"--legacy-dir={legacy_dir}", "--json"]


def import_check(rows: int, disposition: str, count: int) -> Callable[[str], None]:
    """Return a check that the import accounted for every row, and for so many as it should: else it is no result."""

    def check(output: str) -> None:
        source: dict[str, Any] = json.loads(output)["sources"]["primary"]
        read, found = (sum(table[name] for table in source["tables"].values()) for name in ("read", disposition))
        if (read, found) != (rows, count):
            raise SystemExit(f"{read:,} of {rows:,} rows read, {found:,} of {count:,} {disposition}: {source['error']}")

    return check


def read_file(path: Path) -> int:
    """Read every cell of the file's two large tables."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as legacy:
        for table in TABLES:
            for _row in legacy.execute(f'SELECT * FROM "{table}"'):
                pass
    return 0


def copy_bare(path: Path, connection_info: str) -> int:
    """Read SQLite and COPY every cell as text into tables without keys, indexes or types; no judging, no ledger."""
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as legacy,
        psycopg.connect(f"{connection_info} dbname={SCRATCH}") as target,
    ):
        for table in TABLES:
            rows = legacy.execute(f'SELECT * FROM "{table}"')
            columns = [sql.Identifier(column[0]) for column in rows.description]
            typed = sql.SQL(", ").join(sql.SQL("{} text").format(column) for column in columns)
            target.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(table), typed))
            # Committed, or PostgreSQL may skip the log for a table of the same transaction.
            target.commit()
            with target.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                for row in rows:
                    copy.write_row(row)
            target.commit()
    return 0


def measure(name: str, command: list[str], *, check: Callable[[str], None] = lambda _output: None) -> Measurement:
    """Run the command; its wall time includes the start of Python, its peak is that of its process alone."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, cwd=PROJECT)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{name} failed with exit code {process.returncode}.")
        output.seek(0)
        check(output.read())
    return Measurement(name, seconds, usage.ru_maxrss * LARGEST_RSS_UNIT_BYTES)


def as_table(measurements: list[Measurement], *, rows: int) -> Table:
    """Return the measurements for people, as ratios to each baseline."""
    table = Table(title=f"{rows:,} rows of the primary")
    for column in ("", "seconds", "to bare COPY", "to reading", "to first import", "peak MB"):
        table.add_column(column, justify="left" if not column else "right")
    seconds = {one.name: one.seconds for one in measurements}
    for one in measurements:
        ratios = [f"{one.seconds / seconds[baseline]:.2f}" for baseline in (BARE_COPY, READING, FIRST_IMPORT)]
        table.add_row(one.name, f"{one.seconds:.1f}", *ratios, f"{one.peak_bytes / 1e6:.0f}")
    return table


if __name__ == "__main__":
    sys.exit(main())
