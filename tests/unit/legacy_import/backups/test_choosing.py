"""Which snapshot a person means."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from legacy_import.backups.catalogue import Catalogue
from legacy_import.backups.choosing import choose_backup
from legacy_import.backups.snapshots.kind import SNAPSHOTS, KeptSnapshot, SnapshotManifest
from legacy_import.errors import TerminalError

BUCHAREST = ZoneInfo("Europe/Bucharest")


def snapshot(text: str, *, before_restore: bool = False) -> KeptSnapshot:
    taken_at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    manifest = SnapshotManifest("0" * 64, 1, "delete", taken_at, before_restore)
    return KeptSnapshot("primary", Path(f"{taken_at:%Y%m%dT%H%M%S%fZ}-{'0' * 12}.db"), taken_at, manifest)


OLDEST, MIDDLE, NEWEST, SAVED = (
    snapshot("2026-03-01T22:30:00.5"),
    snapshot("2026-03-02T10:00:00.25"),
    snapshot("2026-03-04T10:00:00"),
    snapshot("2026-03-05T10:00:00", before_restore=True),
)
CATALOGUE = Catalogue(SNAPSHOTS, "primary", Path("backups"), (SAVED, NEWEST, MIDDLE, OLDEST), ())


@pytest.mark.parametrize(
    ("at", "meant"),
    [
        ("latest", NEWEST),
        ("2026-03-04T10:00:00+00:00", NEWEST),
        ("2026-03-04T12:00:00", NEWEST),
        ("2026-03-04T11:59:59", MIDDLE),
        ("2026-03-02 12:00:00", MIDDLE),
        ("2026-03-02T10:00:00Z", MIDDLE),
        ("2026-03-02T10:00:00.1Z", OLDEST),
        ("2026-03-02", MIDDLE),
        ("2026-03-03", MIDDLE),
        ("2026-03-05", SAVED),
        (OLDEST.path.name, OLDEST),
        (MIDDLE.path.stem, MIDDLE),
        (SAVED.path.name[:22], SAVED),
    ],
)
def test_the_state_at_that_time_is_chosen(at: str, meant: KeptSnapshot) -> None:
    assert choose_backup(CATALOGUE, at, zone=BUCHAREST) == meant


def test_date_ends_by_the_zones_clock() -> None:
    # 22:30 UTC on the first is half past midnight on the second in Bucharest.
    with pytest.raises(TerminalError, match="no snapshot is as old as 2026-03-01"):
        choose_backup(CATALOGUE, "2026-03-01", zone=BUCHAREST)
    assert choose_backup(CATALOGUE, "2026-03-01", zone=UTC) == OLDEST


@pytest.mark.parametrize("at", ["", "yesterday", "20260302", "2026-13-01", "20990101T000000000000Z"])
def test_what_is_no_time_is_refused_in_a_sentence(at: str) -> None:
    with pytest.raises(TerminalError, match=r"is no time|is as old as|there is no snapshot"):
        choose_backup(Catalogue(SNAPSHOTS, "primary", Path("backups"), (NEWEST,), ()), at, zone=UTC)


def test_latest_falls_back_to_what_a_restore_saved() -> None:
    assert choose_backup(Catalogue(SNAPSHOTS, "primary", Path("b"), (SAVED,), ()), "latest", zone=UTC) == SAVED


def test_empty_folder_says_what_to_do() -> None:
    with pytest.raises(TerminalError, match="import_legacy --source=primary"):
        choose_backup(Catalogue(SNAPSHOTS, "primary", Path("b"), (), ()), "latest", zone=UTC)
