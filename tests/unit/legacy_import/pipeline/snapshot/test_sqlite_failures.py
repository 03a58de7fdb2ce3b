"""What SQLite's errors and those of locks mean, in sentences: the cause, and the way out."""

import errno
import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from legacy_import.errors import TerminalError
from legacy_import.pipeline.snapshot.live_file import UnsoundFileError
from legacy_import.pipeline.snapshot.snapshot import hold_directory_lock
from legacy_import.pipeline.snapshot.sqlite_failures import (
    error_message,
    extended_result_code,
    probe_lock_error,
    translate_read_error,
)

FILE = Path("/share/linkedin.db")


def sqlite_error(name: str, message: str = "disk I/O error") -> sqlite3.Error:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode, error.sqlite_errorname = getattr(sqlite3, name), name
    return error


def failing(number: int) -> Any:
    def _fail(*_arguments: Any) -> None:
        raise OSError(number, os.strerror(number))

    return _fail


@pytest.mark.parametrize(
    "name",
    [
        "SQLITE_IOERR_LOCK",
        "SQLITE_IOERR_RDLOCK",
        "SQLITE_IOERR_UNLOCK",
        "SQLITE_IOERR_CHECKRESERVEDLOCK",
        "SQLITE_IOERR_SHMLOCK",
        "SQLITE_PROTOCOL",
    ],
)
def test_lock_that_a_share_fails_names_the_cause_and_the_way_out(name: str) -> None:
    error = sqlite_error(name)

    meant = translate_read_error(FILE, error, {extended_result_code(error)})

    assert isinstance(meant, TerminalError)
    assert str(meant).startswith(f"The legacy file {FILE} cannot be locked: disk I/O error ({name}). Mount the share ")
    assert "--legacy-dir" in str(meant)


def test_other_io_error_is_no_lock() -> None:
    error = sqlite_error("SQLITE_IOERR_READ")

    sentence = str(translate_read_error(FILE, error, {extended_result_code(error)}))

    assert sentence.startswith(f"The snapshot of {FILE} failed: disk I/O error (SQLITE_IOERR_READ). Check the disk ")


def test_full_disk_is_one() -> None:
    error = sqlite_error("SQLITE_FULL")

    meant = translate_read_error(FILE, error, {sqlite3.SQLITE_OK, extended_result_code(error)})

    assert isinstance(meant, OSError)
    assert meant.errno == errno.ENOSPC


def test_message_that_is_no_utf8_is_damage_with_its_bytes_shown() -> None:
    error = UnicodeDecodeError("utf-8", b"malformed database schema (linkedi\x80)", 34, 35, "invalid start byte")

    meant = translate_read_error(FILE, error, {extended_result_code(error)})

    assert isinstance(meant, UnsoundFileError)
    assert str(meant) == (f"The legacy file {FILE} is truncated or corrupt: malformed database schema (linkedi\\x80).")


@pytest.mark.parametrize(("said", "shown"), [("x" * 80, "x" * 80), ("x" * 81, "x" * 80), ("a\n\x1bb", "a \u241bb")])
def test_message_is_one_short_printable_line(said: str, shown: str) -> None:
    assert error_message(sqlite3.DatabaseError(said)) == shown


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO, errno.ENOSYS])
def test_file_that_can_not_be_locked_at_all_is_told(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "linkedin.db"
    path.touch()
    monkeypatch.setattr(fcntl, "lockf", failing(number))

    trouble = probe_lock_error(path)

    words = f"{os.strerror(number).lower()} ({errno.errorcode[number]})"
    assert str(trouble).startswith(f"The legacy file {path} cannot be locked: {words}. Mount the share ")


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.EACCES])
def test_file_that_another_program_holds_is_no_such_case(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "linkedin.db"
    path.touch()
    monkeypatch.setattr(fcntl, "lockf", failing(number))

    assert probe_lock_error(path) is None


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO])
def test_backup_folder_that_can_not_be_locked_is_told(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", failing(number))

    with pytest.raises(TerminalError, match="Let BACKUP_DIR name a folder on a local disk") as told:
        hold_directory_lock(tmp_path, 1).__enter__()

    words = f"{os.strerror(number).lower()} ({errno.errorcode[number]})"
    assert str(told.value).startswith(f"The folder {tmp_path} cannot be locked: {words}. ")
