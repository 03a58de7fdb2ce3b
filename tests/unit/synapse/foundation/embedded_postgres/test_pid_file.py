"""Reading a pid file in whatever state a crash left it."""

from pathlib import Path

import pytest

from synapse.foundation.embedded_postgres.pid_file import PidFile, read_pid_file

COMPLETE = "4711\n/data\n1763800000\n54321\n\n127.0.0.1\n  1234567  98765\nready   \n"


def write(data: Path, content: str) -> None:
    (data / "postmaster.pid").write_text(content)


def test_missing_file_is_none(tmp_path: Path) -> None:
    assert read_pid_file(tmp_path) is None


def test_complete_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, COMPLETE)

    assert read_pid_file(tmp_path) == PidFile(pid=4711, port=54321, ready=True)


@pytest.mark.parametrize("word", ["starting", "stopping", "standby", ""])
def test_other_status_is_not_ready(tmp_path: Path, word: str) -> None:
    write(tmp_path, COMPLETE.replace("ready   ", word))

    assert read_pid_file(tmp_path) == PidFile(pid=4711, port=54321, ready=False)


@pytest.mark.parametrize("content", ["", "\n", "-1\n", "0\n", "pid\n", "²\n"])
def test_file_without_a_number_has_no_pid(tmp_path: Path, content: str) -> None:
    write(tmp_path, content)

    assert read_pid_file(tmp_path) == PidFile(pid=None, port=None, ready=False)


@pytest.mark.parametrize("lines", [1, 3])
def test_truncated_file_has_no_port(tmp_path: Path, lines: int) -> None:
    write(tmp_path, "".join(COMPLETE.splitlines(keepends=True)[:lines]))

    assert read_pid_file(tmp_path) == PidFile(pid=4711, port=None, ready=False)
