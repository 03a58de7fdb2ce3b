"""A restore in place writes to a plain file within the legacy folder, and nowhere that a link leads."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from legacy_import.backups.snapshots.live_place import LivePlace
from legacy_import.backups.snapshots.replacing import replace_live_file
from legacy_import.errors import TerminalError
from legacy_import.pipeline.snapshot.snapshot import Snapshot
from tests.integration.legacy_import.backups.folders import NOW, Ground, days_ago
from tests.legacy_files import PRIMARY, change

_ADD_POST = "INSERT INTO linkedin_posts (post_id, content) VALUES ('later', 'x')"


def _replace(ground: Ground, snapshot: Snapshot, relative: str) -> None:
    place = LivePlace(ground.legacy_dir, relative)
    replace_live_file(ground.kept(snapshot), place, directory=ground.directory, lock_timeout_seconds=1, now=NOW)


def _link_to_a_file(ground: Ground, outside: Path) -> None:
    ground.live.rename(outside)
    ground.live.symlink_to(outside)


def _link_to_nothing(ground: Ground, outside: Path) -> None:
    ground.live.unlink()
    ground.live.symlink_to(outside)


def _hard_link(ground: Ground, outside: Path) -> None:
    os.link(ground.live, outside)


def _pipe(ground: Ground, outside: Path) -> None:
    ground.live.rename(outside)
    os.mkfifo(ground.live)


def _folder(ground: Ground, outside: Path) -> None:
    ground.live.rename(outside)
    ground.live.mkdir()


def _linked_journal(ground: Ground, outside: Path) -> None:
    outside.write_bytes(b"somebody else's")
    ground.live.with_name(f"{ground.live.name}-wal").symlink_to(outside)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_link_to_a_file, "leads by a link to"),
        (_link_to_nothing, "leads by a link to"),
        (_hard_link, "has 2 names"),
        (_pipe, "is no regular file"),
        (_folder, "is no regular file"),
        (_linked_journal, "is a link"),
    ],
)
def test_what_leads_out_of_the_folder_is_refused(
    ground: Ground, tmp_path: Path, spoil: Callable[[Ground, Path], None], reason: str
) -> None:
    snapshot = ground.take(days_ago(1))
    change(ground.live, _ADD_POST)
    outside = tmp_path / "outside"
    spoil(ground, outside)
    before = outside.read_bytes() if outside.is_file() else None

    with pytest.raises(TerminalError, match=reason):
        _replace(ground, snapshot, PRIMARY)

    assert (outside.read_bytes() if outside.is_file() else None) == before
    assert not list(tmp_path.rglob(".*.restoring"))


def test_a_folder_that_is_a_link_out_is_not_followed(ground: Ground, tmp_path: Path) -> None:
    snapshot = ground.take(days_ago(1))
    (tmp_path / "outside").mkdir()
    (ground.legacy_dir / "content").symlink_to(tmp_path / "outside", target_is_directory=True)

    with pytest.raises(TerminalError, match="leads by a link to"):
        _replace(ground, snapshot, "content/file.db")

    assert list((tmp_path / "outside").iterdir()) == []
