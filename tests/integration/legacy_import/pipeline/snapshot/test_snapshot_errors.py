"""What can't be a snapshot is told in one sentence that names the file."""

import multiprocessing
import os
import pwd
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from legacy_import.errors import LegacyImportError, TerminalError, TransientError
from legacy_import.pipeline.snapshot.snapshot import Snapshot, take_snapshot
from tests.integration.legacy_import.pipeline.snapshot.live_files import (
    CRASHED,
    CRASHED_WAL,
    LOCKER,
    NOW,
    folder_content,
    make_database,
    rows_of,
    run_to_crash,
    running,
)

Take = Callable[..., Snapshot]

HOLDER = """
import fcntl, sys
file = open(sys.argv[1])
fcntl.flock(file, fcntl.LOCK_EX)
print("ready", flush=True)
sys.stdin.read()
"""


def _nothing(_live: Path) -> None:
    return


def _empty(live: Path) -> None:
    live.write_bytes(b"")


def _text(live: Path) -> None:
    live.write_text("name,value\n" * 100)


def _short(live: Path) -> None:
    live.write_bytes(b"SQLite format 3\x00")


def _truncated(live: Path) -> None:
    make_database(live, rows=2000)
    os.truncate(live, live.stat().st_size // 2)


def _corrupt(live: Path) -> None:
    make_database(live, rows=2000)
    with live.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(20_000))


def _no_schema(live: Path) -> None:
    make_database(live)
    with live.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 3000)


def _dangling(live: Path) -> None:
    live.symlink_to(live.with_name("gone.db"))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_nothing, "is missing."),
        (lambda live: live.mkdir(), "is a folder."),
        (os.mkfifo, "is no regular file."),
        (_dangling, "is missing: it is a link to "),
        (_empty, "is empty (0 bytes)."),
        (_text, "is no SQLite file: it does not begin with SQLite's header."),
        (_short, "is no SQLite file: it does not begin with SQLite's header."),
        (_truncated, "is truncated or corrupt: "),
        (_corrupt, "is truncated or corrupt: "),
        (_no_schema, "is truncated or corrupt: "),
    ],
)
def test_unusable_file_is_told_in_one_sentence(
    make: Callable[[Path], object], sentence: str, live_folder: Path, take: Take, snapshots: Path
) -> None:
    live = live_folder / "live.db"
    make(live)

    with pytest.raises(TerminalError) as caught:
        take(live)

    message = str(caught.value)
    assert message.startswith(f"The legacy file {live} {sentence}")
    assert message.endswith(".")
    assert "\n" not in message
    assert [path.name for path in snapshots.iterdir()] == [".lock"]


def test_missing_folder_is_named(live_folder: Path, take: Take) -> None:
    folder = live_folder / "gone"
    with pytest.raises(TerminalError) as caught:
        take(folder / "live.db")
    assert str(caught.value) == f"The legacy file {folder / 'live.db'} is missing: there is no folder {folder}."


def test_snapshot_folder_that_is_a_file_is_named(live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "live.db")
    with pytest.raises(TerminalError, match=r"could be kept in .*file exists") as caught:
        take(live, directory=live)
    assert str(live) in str(caught.value)


def test_exclusive_lock_held_on_gives_one_sentence(live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "live.db")
    began = time.monotonic()

    with running(LOCKER, live), pytest.raises(TransientError) as caught:
        take(live, lock_timeout_seconds=0.5)

    assert str(caught.value) == f"The legacy file {live} has been locked by another program for 0.5 seconds."
    assert 0.5 <= time.monotonic() - began < 3


def test_lock_released_in_time_is_waited_for(live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "live.db")
    brief = LOCKER.replace("sys.stdin.read()", "import time; time.sleep(0.4)")

    with running(brief, live):
        assert not take(live, lock_timeout_seconds=5).reused


def test_folder_in_use_by_another_snapshot_is_named(live_folder: Path, take: Take, snapshots: Path) -> None:
    live = make_database(live_folder / "live.db")
    take(live)

    with running(HOLDER, snapshots / ".lock"), pytest.raises(TransientError, match="Another snapshot is being taken"):
        take(live, lock_timeout_seconds=0.2)


@pytest.fixture
def shared_dir() -> Iterator[Path]:
    """A folder an ordinary user can reach: tmp_path is its owner's alone."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    shutil.rmtree(folder)


def _take_as_ordinary_user(live: Path, directory: Path) -> str:
    """Return what a user whom permissions bind gets: the number of rows, or the error. As root, nobody is that user."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_report, args=(live, directory, sender))
    child.start()
    child.join(timeout=30)
    assert receiver.poll(), "the child died"
    return str(receiver.recv())


def _report(live: Path, directory: Path, sender: Connection) -> None:
    directory.mkdir()
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(directory, nobody.pw_uid, nobody.pw_gid)
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    try:
        snapshot = take_snapshot(live, directory=directory, lock_timeout_seconds=5, now=NOW)
    except LegacyImportError as error:
        sender.send(f"{type(error).__name__} {error}")
    else:
        sender.send(rows_of(snapshot, "SELECT count(*) FROM t WHERE v <> 'lost'")[0][0])


@pytest.mark.parametrize(
    ("mode", "crash", "rows"),
    [("delete", None, 50), ("wal", None, 50), ("wal", CRASHED_WAL, 51), ("delete", CRASHED, 5000)],
)
def test_read_only_folder_is_read_by_an_ordinary_user(
    mode: str, crash: str | None, rows: int, shared_dir: Path
) -> None:
    folder = shared_dir / "legacy"
    folder.mkdir()
    live = make_database(folder / "live.db", mode=mode, rows=rows // 50 * 50)
    if crash:
        run_to_crash(crash, live)
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    before = folder_content(folder)

    assert _take_as_ordinary_user(live, shared_dir / "snapshots") == str(rows)
    assert folder_content(folder) == before


def test_unreadable_file_is_told_in_one_sentence(shared_dir: Path) -> None:
    live = make_database(shared_dir / "live.db")
    live.chmod(0o000)

    told = _take_as_ordinary_user(live, shared_dir / "snapshots")

    assert told == f"TerminalError The legacy file {live} cannot be read: permission denied."
