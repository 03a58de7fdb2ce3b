"""The folder appears whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from legacy_import.demo.folder import DemoRefusedError, open_atomic_folder


def test_appearing_folder_on_success_is_there_and_nothing_beside_it(tmp_path: Path) -> None:
    with open_atomic_folder(tmp_path / "new" / "legacy") as partial:
        (partial / "a.db").write_text("rows")
        assert not (tmp_path / "new" / "legacy").exists()

    assert [path.name for path in (tmp_path / "new").iterdir()] == ["legacy"]
    assert (tmp_path / "new" / "legacy" / "a.db").read_text() == "rows"


def test_appearing_folder_on_failure_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with open_atomic_folder(tmp_path / "legacy") as partial:
            (partial / "a.db").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert list(tmp_path.iterdir()) == []


def test_appearing_folder_over_an_empty_folder_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "legacy"
    target.mkdir(mode=0o700)

    with open_atomic_folder(target) as partial:
        (partial / "a.db").touch()

    assert target.stat().st_mode & 0o777 == 0o700
    assert (target / "a.db").exists()


def test_appearing_folder_over_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious.db").touch()

    with pytest.raises(DemoRefusedError, match="already holds files"), open_atomic_folder(tmp_path):
        pytest.fail("it was entered")

    assert [path.name for path in tmp_path.iterdir()] == ["precious.db"]


def test_appearing_folder_over_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "legacy").write_text("mine")

    with pytest.raises(DemoRefusedError, match="is not a folder"), open_atomic_folder(tmp_path / "legacy"):
        pytest.fail("it was entered")


def test_appearing_folder_filled_by_somebody_meanwhile_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "legacy"

    def overtaken() -> None:
        with open_atomic_folder(target):
            target.mkdir()
            (target / "theirs.db").touch()

    with pytest.raises(DemoRefusedError, match="could not be put in place"):
        overtaken()

    assert [path.name for path in tmp_path.rglob("*")] == ["legacy", "theirs.db"]


def test_appearing_folder_sweeps_up_after_a_killed_run_only(tmp_path: Path) -> None:
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    leftover = tmp_path / f".legacy.demo_legacy-partial-{killed.pid}"
    alive = tmp_path / f".legacy.demo_legacy-partial-{os.getppid()}"
    foreign = tmp_path / ".other.demo_legacy-partial-1"
    for folder in (leftover, alive, foreign):
        folder.mkdir()

    with open_atomic_folder(tmp_path / "legacy"):
        pass

    assert {path.name for path in tmp_path.iterdir()} == {"legacy", alive.name, foreign.name}
