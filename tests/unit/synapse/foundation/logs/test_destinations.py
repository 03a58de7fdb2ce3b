"""Lines reach their file and standard error whole, whatever other processes do."""

import fcntl
import io
import json
import logging
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from synapse.foundation.logs import destinations
from synapse.foundation.logs.destinations import LineFileHandler, StderrHandler


def _record(text: str) -> logging.LogRecord:
    return logging.LogRecord("tests", logging.INFO, "", 0, text, None, None)


def _write_many(path: Path, letter: str) -> None:
    handler = LineFileHandler(path)
    for _ in range(200):
        handler.emit(_record(letter * 9_000))


def test_lines_of_several_processes_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "log" / "a.jsonl"
    writers = [multiprocessing.Process(target=_write_many, args=(path, letter)) for letter in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    lines = path.read_text().splitlines()
    assert len(lines) == 800
    assert all(line == line[0] * 9_000 for line in lines)


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    LineFileHandler(tmp_path / "a.jsonl").emit(_record("x"))

    assert (tmp_path / "a.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_full_file_becomes_the_former_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destinations, "_MAX_FILE_BYTES", 4)
    handler = LineFileHandler(tmp_path / "a.jsonl")

    for text in ("abc", "d", "e"):
        handler.emit(_record(text))

    # Four bytes are not too many, six are.
    assert (tmp_path / "a.jsonl.1").read_text() == "abc\nd\n"
    assert (tmp_path / "a.jsonl").read_text() == "e\n"


def test_a_folder_that_nobody_may_write_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    LineFileHandler(tmp_path / "file" / "a.jsonl").emit(_record("x"))


def test_a_process_that_holds_the_lock_delays_a_line_and_does_not_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "log.lock"
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    held = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        began_at = time.monotonic()
        StderrHandler(lock).emit(_record("x"))
        waited = time.monotonic() - began_at
    finally:
        os.close(held)

    assert stream.getvalue() == "x\n"
    assert waited >= 0.2


def test_an_event_that_cannot_be_written_leaves_a_line_about_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:  # noqa: ARG002 - its base's
            raise ValueError("the cell of Bob")

    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    handler = StderrHandler()
    handler.setFormatter(Broken())

    handler.emit(_record("x"))

    assert json.loads(stream.getvalue())["event"] == "log.unwritable"
    assert "Bob" not in stream.getvalue()
