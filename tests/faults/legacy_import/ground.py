"""The ground the fault tests of the import stand on: a checkout of their own, legacy files, and what is in PostgreSQL.

What lives here: importing in processes of their own, and looking at what came of it. What does not: any test.
"""

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any, Final

import psycopg

from synapse.foundation.embedded_postgres import pid_file
from synapse.foundation.embedded_postgres.data_directory import USER, read_password
from synapse.foundation.embedded_postgres.ports import HOST
from synapse.foundation.embedded_postgres.processes import find_orphans
from tests.checkouts import ORDINARY, ROOT, Checkout, kill, temporary_checkout
from tests.legacy_files import DUPLICATE, PRIMARY

DATABASE: Final = "synapse_business_core"

_TARGETS: Final = ("posts", "consultation_inquiries", "business_pipeline")
_KEPT: Final = ("ledger", "divergence", "legacy_file", "import_run", "change_log", "before_image", "settlement")
_TABLES: Final = (*_TARGETS, *_KEPT)
_LOG_LINE: Final = re.compile(r"\d\d:\d\d:\d\d (?:warning|error) ")
_DRIVER: Final = Path(__file__).with_name("stopping_import.py").read_text()


@dataclass(frozen=True, slots=True)
class Found:
    """What one glance at PostgreSQL shows: rows by table, and the status of each run, oldest first."""

    rows: dict[str, int]
    runs: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self.rows.values())

    def __str__(self) -> str:
        runs = ", ".join(self.runs) or "none"
        return f"{'; '.join(f'{count:,} {table}' for table, count in self.rows.items())}; runs: {runs}"


@dataclass(frozen=True, slots=True)
class Ground:
    """A migrated checkout and a folder of legacy files."""

    checkout: Checkout
    legacy_dir: Path

    @property
    def primary(self) -> Path:
        return self.legacy_dir / PRIMARY

    @property
    def duplicate(self) -> Path:
        return self.legacy_dir / DUPLICATE

    @property
    def snapshots(self) -> Path:
        return self.checkout.var_dir / "backups" / "primary"

    def start(self, *arguments: str, **variables: str) -> Popen[str]:
        """Start manage.py with this ground's folders."""
        return self.checkout.start(*arguments, **self._folders(), **variables)

    def start_import(self, *sources: str, **variables: str) -> Popen[str]:
        """Start `import_legacy --json` of the sources (the primary, where none is named)."""
        named = ",".join(sources or ["primary"])
        return self.start("import_legacy", f"--source={named}", "--json", **variables)

    def start_killed_import(self, stage: str, nth: int = 1) -> Popen[str]:
        """Start an import of the primary that kills itself at the nth entry into the stage."""
        return self.checkout.start("-c", _DRIVER, stage, str(nth), **self._folders())

    @contextmanager
    def stopped_import(self, stage: str, nth: int = 1) -> Iterator["Stopped"]:
        """Give an import of the primary that stands still at its nth entry into the stage; afterwards it goes on."""
        go = self.legacy_dir.parent / "go"
        process = self.checkout.start("-c", _DRIVER, stage, str(nth), str(go), **self._folders())
        assert process.stdout
        assert process.stdout.readline() == "stopped\n"
        stopped = Stopped(process.pid)
        try:
            yield stopped
        finally:
            go.touch()
            stopped.ended = Ended.of(process)
            go.unlink()

    def kill_server(self) -> None:
        """Kill every process of the server."""
        postmaster = self.checkout.postmaster()
        # Stopped first, or it would start new children.
        os.kill(postmaster, signal.SIGSTOP)
        kill(postmaster, *find_orphans(self.checkout.data))

    def import_legacy(self, *sources: str, **variables: str) -> dict[str, Any]:
        """Import the sources, which must succeed, and return the report of each by its name."""
        outcome = Ended.of(self.start_import(*sources, **variables))
        assert outcome.code == 0, outcome
        reports: dict[str, Any] = json.loads(outcome.output)["sources"]
        return reports

    def query(self, statement: str, *, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """Run the statement, in the business core where nothing else is said; the server must run."""
        with psycopg.connect(f"{self._address()} dbname={database}", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def empty(self) -> None:
        """Bring the business core back to how it was before the first import."""
        self.query(f"TRUNCATE {', '.join(_TABLES)}")

    def empty_or_restart(self) -> None:
        """Bring the business core back to its beginning, the server too where a failed test left it dead."""
        self.checkout.query()
        self.empty()

    def look(self) -> Found:
        """Return what there is, as one statement sees it."""
        counted = (*_TARGETS, "ledger", "legacy_file")
        counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in counted)
        runs = "(SELECT coalesce(array_agg(status ORDER BY started_at), '{}') FROM import_run)"
        *figures, statuses = self.query(f"SELECT {counts}, {runs}")[0]
        return Found(dict(zip(counted, figures, strict=True)), tuple(statuses))

    def fingerprint(self) -> dict[str, Any]:
        """Return a checksum of each table; run ids, what a run brought and times of arrival left out."""
        prints = {
            "posts": "to_jsonb(t) - 'created_at'",
            "consultation_inquiries": "to_jsonb(t) - 'updated_at'",
            "business_pipeline": "to_jsonb(t)",
            "ledger": "to_jsonb(t) - 'run_id' - 'brought'",
            "divergence": "to_jsonb(t) - 'detected_at'",
        }
        sums = ", ".join(
            f"(SELECT (count(*), sum(hashtextextended(({row})::text, 0)))::text FROM {table} AS t)"
            for table, row in prints.items()
        )
        return dict(zip(prints, self.query(f"SELECT {sums}")[0], strict=True))

    def _address(self) -> str:
        data = self.checkout.data
        written = pid_file.read_pid_file(data)
        assert written, "the server does not run"
        return f"host={HOST} port={written.port} user={USER} password={read_password(data)}"

    def _folders(self) -> dict[str, str]:
        return {"LEGACY_DIR": str(self.legacy_dir), "BACKUP_DIR": str(self.snapshots.parent)}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it said."""

    code: int
    output: str
    complaint: str

    @classmethod
    def of(cls, process: Popen[str], *, timeout_seconds: float = 120) -> "Ended":
        """Wait for the process's end."""
        with ending(process):
            output, complaint = process.communicate(timeout=timeout_seconds)
        # The log goes to the same pipe; what the command itself says is asked here.
        said = [line for line in complaint.splitlines(keepends=True) if not _LOG_LINE.match(line)]
        return cls(process.returncode, output, "".join(said))

    @property
    def error(self) -> str:
        """The one sentence of a failed import of one source; its end and its shape are checked here."""
        assert self.code == 1, self
        assert "Traceback" not in self.complaint, self
        report = json.loads(self.output)
        assert report["status"] == "failed"
        (sentence,) = {source["error"] for source in report["sources"].values()}
        assert isinstance(sentence, str)
        assert sentence
        assert "\n" not in sentence
        return sentence


@dataclass(slots=True)
class Stopped:
    """An import that stands still; `ended` is how it went on."""

    pid: int
    ended: Ended = Ended(-1, "", "it still stands")


@contextmanager
def ending(process: Popen[str]) -> Iterator[Popen[str]]:
    """See to it that the process ends here, whatever the test finds."""
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def made_ground(*, rows: int | None) -> Iterator[Ground]:
    """Make a migrated checkout with demonstration files, the primary of so many rows; its server ends with it."""
    with temporary_checkout(ROOT if os.geteuid() == 0 else ORDINARY) as checkout:
        yield settle(checkout, rows=rows)


def settle(checkout: Checkout, *, rows: int | None) -> Ground:
    """Migrate a new checkout and write demonstration files beside it, the primary of so many rows."""
    ground = Ground(checkout, checkout.var_dir.parent / "legacy")
    size = [] if rows is None else ["--rows", str(rows)]
    checkout.migrate()
    done = checkout.run("demo_legacy", str(ground.legacy_dir), *size)
    assert done.returncode == 0, done.stderr
    # The server starts itself.
    checkout.query()
    return ground
