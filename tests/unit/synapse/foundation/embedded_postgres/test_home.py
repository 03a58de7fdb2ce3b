"""Where the embedded PostgreSQL keeps its data: one home for each checkout."""

import os
from pathlib import Path

from synapse.foundation.embedded_postgres.account import own_account
from synapse.foundation.embedded_postgres.home import _make_folder


def test_second_start_never_replaces_the_first_ones_home(tmp_path: Path) -> None:
    assert _make_folder(tmp_path / "postgres", own_account())
    first = (tmp_path / "postgres").stat().st_ino

    assert _make_folder(tmp_path / "postgres", own_account())
    assert (tmp_path / "postgres").stat().st_ino == first
    assert [path.name for path in tmp_path.iterdir()] == ["postgres"]


def test_empty_folder_a_killed_start_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()

    assert _make_folder(tmp_path / "postgres", own_account())
    assert "Synapse" in (tmp_path / "postgres" / "README").read_text()


def test_home_says_whose_it_is_and_is_the_accounts(tmp_path: Path) -> None:
    assert _make_folder(tmp_path / "postgres", own_account())

    assert (tmp_path / "postgres" / "README").stat().st_uid == os.geteuid()


def test_file_in_the_way_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("in the way")

    assert not _make_folder(tmp_path / "postgres", own_account())
    assert [path.name for path in tmp_path.iterdir()] == ["postgres"]
