"""Files that can't be imported: one sentence, exit 1, nothing changed, and the other sources of the run land."""

import json
import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from tests.imports import rows, versions
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    output: str
    complaint: str

    @property
    def sources(self) -> dict[str, Any]:
        reports: dict[str, Any] = json.loads(self.output)["sources"]
        return reports


def import_legacy(folder: Path, *sources: str, arguments: tuple[str, ...] = ("--json",)) -> Ended:
    output, complaint = StringIO(), StringIO()
    named = f"--source={','.join(sources)}"
    with pytest.raises(SystemExit) as ended:
        call_command("import_legacy", named, f"--legacy-dir={folder}", *arguments, stdout=output, stderr=complaint)
    assert isinstance(ended.value.code, int)
    return Ended(ended.value.code, output.getvalue(), complaint.getvalue())


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite_middle(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * 20_000)


def rename_column(path: Path) -> None:
    change(path, "ALTER TABLE linkedin_posts RENAME COLUMN posted_at TO published")


SPOILED: list[tuple[Callable[[Path], object], str]] = [
    (Path.unlink, "The legacy file {path} is missing."),
    (lambda path: path.write_bytes(b""), "The legacy file {path} is empty (0 bytes)."),
    (truncate, "The legacy file {path} is truncated or corrupt: "),
    (overwrite_middle, "The legacy file {path} is truncated or corrupt: "),
    (
        lambda path: path.write_text("post_id;content\n" * 1000),
        "The legacy file {path} is no SQLite file: it does not begin with SQLite's header.",
    ),
    (replace_by_folder, "The legacy file {path} is a folder."),
    (
        lambda path: change(path, "DROP TABLE linkedin_posts"),
        "{name}: table linkedin_posts is missing, and primary cannot do without it",
    ),
    (rename_column, "{name}: table linkedin_posts has no column posted_at, which the import needs"),
]
KINDS = ["missing", "empty", "truncated", "corrupt", "no SQLite", "folder", "table missing", "column missing"]
spoiled = pytest.mark.parametrize(("spoil", "sentence"), SPOILED, ids=KINDS)


@spoiled
def test_bad_file_changes_nothing(spoil: Callable[[Path], object], sentence: str, legacy_dir: Path) -> None:
    import_legacy(legacy_dir, "primary", "duplicate")
    before = versions("default")
    path = legacy_dir / PRIMARY
    spoil(path)

    ended = import_legacy(legacy_dir, "primary")

    error = ended.sources["primary"]["error"]
    assert ended.code == 1
    assert ended.complaint == ""
    assert error.startswith(sentence.format(path=path, name=PRIMARY))
    assert "\n" not in error
    assert ended.sources["primary"] == {"status": "failed", "error": error, "tables": {}, "notes": []}
    assert versions("default") == before
    assert last_run() == ("failed", error)


@spoiled
def test_other_source_of_the_run_lands(spoil: Callable[[Path], object], sentence: str, legacy_dir: Path) -> None:
    spoil(legacy_dir / PRIMARY)

    ended = import_legacy(legacy_dir, "primary", "duplicate")

    assert ended.code == 1
    assert ended.sources["primary"]["status"] == "failed"
    assert ended.sources["duplicate"]["status"] == "completed"
    landed = "SELECT count(*), count(*) FILTER (WHERE data_source = 'linkedin_duplicate') FROM consultation_inquiries"
    (found,) = rows("default", landed)
    assert found[0] == found[1] == ended.sources["duplicate"]["tables"]["consultation_inquiries"]["inserted"] > 0
    assert rows("default", "SELECT DISTINCT source FROM ledger") == [("duplicate",)]


@spoiled
def test_dry_run_of_a_bad_file_leaves_no_trace(
    spoil: Callable[[Path], object], sentence: str, legacy_dir: Path
) -> None:
    spoil(legacy_dir / PRIMARY)

    ended = import_legacy(legacy_dir, "primary", arguments=("--json", "--dry-run"))

    assert ended.code == 1
    assert ended.sources["primary"]["error"].startswith(sentence.format(path=legacy_dir / PRIMARY, name=PRIMARY))
    assert rows("default", "SELECT count(*) FROM import_run") == [(0,)]


def test_sentence_is_told_to_people_too(legacy_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (legacy_dir / PRIMARY).unlink()

    ended = import_legacy(legacy_dir, "primary", arguments=())

    told = capsys.readouterr()
    assert ended.code == 1
    assert told.out.startswith(f"failed, nothing changed: The legacy file {legacy_dir / PRIMARY} is missing. Put it")
    assert len(told.out.strip().splitlines()) == 1
    # The log, which a command keeps in its file, goes to stderr in tests.
    assert [line for line in told.err.splitlines() if "  import." not in line] == []


@pytest.mark.parametrize("named", [("nonsense",), ("primary", "nonsense"), ("",)])
def test_unknown_source_is_a_mistake_of_usage(named: tuple[str, ...], legacy_dir: Path) -> None:
    before = versions("default")

    ended = import_legacy(legacy_dir, *named)

    assert ended.code == 2
    assert ended.output == ""
    assert ended.complaint.startswith(f"unknown source '{named[-1]}'; known are primary, duplicate")
    assert len(ended.complaint.splitlines()) == 1
    assert versions("default") == before
    assert rows("default", "SELECT count(*) FROM import_run") == [(0,)]


def test_unreadable_file_is_told_and_the_other_source_lands(
    legacy_dir: Path, open_folder: Path, settings: Settings
) -> None:
    # What is imported once need not be loaded by the ordinary user, to whom the environment may be closed.
    import_legacy(legacy_dir, "primary")
    shutil.copytree(legacy_dir, open_folder / "legacy")
    settings.BACKUP_DIR = open_folder / "backups"
    closed = open_folder / "legacy" / PRIMARY
    closed.chmod(0o000)

    with ordinary_user(owning=open_folder):
        ended = import_legacy(open_folder / "legacy", "primary", "duplicate")

    assert ended.code == 1
    assert ended.sources["primary"]["error"] == f"The legacy file {closed} cannot be read: permission denied."
    assert ended.sources["duplicate"]["status"] == "completed"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder an ordinary user can reach: tmp_path is its owner's alone."""
    folder = Path(tempfile.mkdtemp(prefix="synapse-open-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def ordinary_user(*, owning: Path) -> Iterator[None]:
    """Be a user whom permissions bind; as root that is nobody, who gets the folder."""
    if os.geteuid() != 0:
        yield
        return
    nobody = pwd.getpwnam("nobody")
    os.chown(owning, nobody.pw_uid, nobody.pw_gid)
    os.setegid(nobody.pw_gid)
    os.seteuid(nobody.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def last_run() -> tuple[Any, ...]:
    (run,) = rows("default", "SELECT status, error FROM import_run ORDER BY started_at DESC LIMIT 1")
    return run
