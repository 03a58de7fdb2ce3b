"""How much room is asked for: the measured factors, to the byte."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from legacy_import.errors import TerminalError
from legacy_import.pipeline.snapshot import disk_space
from legacy_import.pipeline.snapshot.disk_space import require_dump_space, require_import_space, require_restore_space

MEGABYTE = 2**20
SIZE = 100 * MEGABYTE
SNAPSHOTS, DATA = "snapshots", "data"


class Usage(NamedTuple):
    total: int
    used: int
    free: int


class Disks:
    """Two disks, that of the snapshots and that of PostgreSQL, and what is free on each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.free = {SNAPSHOTS: 2**50, DATA: 2**50}

    def usage(self, folder: Path) -> Usage:
        return Usage(0, 0, self.free[folder.name])


@pytest.fixture
def disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disks:
    disks = Disks(tmp_path)
    for device, name in enumerate(disks.free):
        (tmp_path / name).mkdir()
        monkeypatch.setitem(DEVICES, tmp_path / name, device)
    monkeypatch.setattr(shutil, "disk_usage", disks.usage)
    monkeypatch.setattr(disk_space, "local_data_directory", lambda _alias: tmp_path / DATA)
    monkeypatch.setattr(disk_space, "live_size_bytes", lambda _live: SIZE)
    monkeypatch.setattr(disk_space, "_nearest_existing_folder", Folder)
    return disks


DEVICES: dict[Path, int] = {}


class Folder:
    """A folder as the check asks for it: its name and on which disk it is."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.st_dev = DEVICES[path]

    def stat(self) -> "Folder":
        return self


def _require_import(disks: Disks, *, first: bool) -> None:
    require_import_space("default", Path("live.db"), disks.folder / SNAPSHOTS, who="primary", first=first)


REQUIREMENTS: dict[str, tuple[Callable[[Disks], None], str, int]] = {
    "a first import: PostgreSQL gets seven times the file and a segment of WAL": (
        lambda disks: _require_import(disks, first=True),
        DATA,
        7 * SIZE + 16 * MEGABYTE,
    ),
    "a later import: twice the file": (
        lambda disks: _require_import(disks, first=False),
        DATA,
        2 * SIZE + 16 * MEGABYTE,
    ),
    "its snapshot: the file, a twentieth more, and the files beside it": (
        lambda disks: _require_import(disks, first=False),
        SNAPSHOTS,
        105 * MEGABYTE + 4 * MEGABYTE,
    ),
    "a dump: half of the database": (
        lambda disks: require_dump_space(disks.folder / SNAPSHOTS, SIZE, who="core"),
        SNAPSHOTS,
        50 * MEGABYTE + 4 * MEGABYTE,
    ),
    "a restored database: twice the dumped one": (
        lambda _disks: require_restore_space("default", SIZE, who="core"),
        DATA,
        2 * SIZE + 16 * MEGABYTE,
    ),
}


@pytest.mark.parametrize("what", REQUIREMENTS)
def test_exactly_enough_room_is_enough_and_a_byte_less_is_not(disks: Disks, what: str) -> None:
    require, disk, size_bytes = REQUIREMENTS[what]
    disks.free[disk] = size_bytes
    require(disks)
    disks.free[disk] = size_bytes - 1

    with pytest.raises(TerminalError, match="the disk of"):
        require(disks)
