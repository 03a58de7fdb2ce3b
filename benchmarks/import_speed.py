"""How fast an import is, told as a ratio to a bare COPY of the same rows in the same run.

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
    arguments = parser.parse_args()
    if arguments.bare_copy:
        return copy_bare(arguments.bare_copy, os.environ["BENCH_CONNECTION"])
    console = Console()
    with own_surroundings() as folder:
        console.print(f"Writing {arguments.rows:,} rows …")
        run_manage("demo_legacy", str(folder / "legacy"), "--rows", str(arguments.rows))
        run_manage("migrate_all")
        bare = measure("bare COPY", bare_copy_command(folder / "legacy" / PRIMARY))
        imported = measure("import_legacy", import_command(folder / "legacy"), check=import_check(arguments.rows))
    console.print(as_table([bare, imported], rows=arguments.rows))
    return 0


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


def import_check(rows: int) -> Callable[[str], None]:
    """Return a check that the import carried every row: a fast import of half of them is no result."""

    def check(output: str) -> None:
        source: dict[str, Any] = json.loads(output)["sources"]["primary"]
        inserted = sum(table["inserted"] for table in source["tables"].values())
        if inserted != rows:
            raise SystemExit(f"import_legacy inserted {inserted:,} of {rows:,} rows: {source['error']}")

    return check


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
    """Return the measurements for people; the first one is what the others are compared with."""
    table = Table(title=f"{rows:,} rows of the primary")
    for column in ("", "seconds", "rows/s", "ratio to COPY", "peak MB"):
        table.add_column(column, justify="left" if not column else "right")
    for one in measurements:
        ratio = one.seconds / measurements[0].seconds
        table.add_row(
            one.name, f"{one.seconds:.1f}", f"{rows / one.seconds:,.0f}", f"{ratio:.2f}", f"{one.peak_bytes / 1e6:.0f}"
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
