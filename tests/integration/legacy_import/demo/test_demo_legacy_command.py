"""`manage.py demo_legacy` as an operator calls it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "demo_legacy", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def test_command_without_postgresql_writes_the_files(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    urls = dict.fromkeys(("DATABASE_URL", "ANALYTICS_DATABASE_URL", "REVENUE_DATABASE_URL"), nowhere)

    finished = run(str(tmp_path / "legacy"), "--today", "2026-11-20", **urls)

    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout == f"Wrote 13 files with 128 rows to {tmp_path / 'legacy'}.\n"


def test_command_over_files_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    finished = run(str(tmp_path))

    assert finished.returncode == 1
    assert finished.stderr == f"CommandError: {tmp_path} already holds files: choose an empty or a new folder.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--rows", "-1"),
        ("--rows", "many"),
        ("--dirty", "1.01"),
        ("--dirty", "-0.1"),
        ("--dirty", "nan"),
        ("--dirty", "1/0"),
        ("--seed", "x"),
        ("--today", "2026-02-30"),
        ("--today", "tomorrow"),
        ("--today", "0001-01-01"),
        ("--surprise",),
    ],
    ids=" ".join,
)
def test_command_with_bad_usage_exits_with_two_and_writes_nothing(tmp_path: Path, wrong: tuple[str, ...]) -> None:
    finished = run(str(tmp_path / "legacy"), *wrong)

    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr
    assert list(tmp_path.iterdir()) == []


def test_command_off_a_terminal_draws_no_bar(tmp_path: Path) -> None:
    finished = run(str(tmp_path / "legacy"), "--rows", "20000", "--dirty", "0.01")

    assert finished.stderr == ""
    assert "20,106 rows" in finished.stdout
    assert "to be quarantined" in finished.stdout
