"""Files caught in the moment of being replaced: the new one is read, whatever the first look found."""

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from legacy_import.errors import TerminalError
from legacy_import.pipeline.snapshot import replaced_file_retry
from legacy_import.pipeline.snapshot.snapshot import Snapshot
from tests.integration.legacy_import.pipeline.snapshot.live_files import make_database, rows_of

Take = Callable[..., Snapshot]


@pytest.fixture(autouse=True)
def _usual_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaced_file_retry, "quiet_seconds", 2.0)


def _write_slowly(content: bytes, live: Path) -> None:
    with live.open("wb") as file:
        for start in range(0, len(content), 8192):
            file.write(content[start : start + 8192])
            file.flush()
            time.sleep(0.02)


def _remove(live: Path) -> None:
    live.unlink()


def _empty(live: Path) -> None:
    live.write_bytes(b"")


def _cut(live: Path) -> None:
    live.write_bytes(live.read_bytes()[: live.stat().st_size // 2])


def _write_text(live: Path) -> None:
    live.write_text("not yet a database\n" * 100)


@pytest.mark.parametrize("begin", [_remove, _empty, _cut, _write_text])
def test_file_that_is_whole_again_soon_is_read(begin: Callable[[Path], None], live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "linkedin.db", rows=2_000)
    new = make_database(live_folder / "new.db", rows=3_000)
    begin(live)
    script = threading.Timer(0.6, shutil.copyfile, (new, live))
    script.start()

    snapshot = take(live)

    script.join()
    assert rows_of(snapshot, "SELECT count(*) FROM t") == [(3_000,)]


def test_file_that_another_is_copied_over_is_read_when_it_is_whole(live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "linkedin.db", rows=10)
    content = make_database(live_folder / "new.db", rows=4_000).read_bytes()
    script = threading.Thread(target=_write_slowly, args=(content, live))
    script.start()
    time.sleep(0.1)

    snapshot = take(live)

    script.join()
    assert rows_of(snapshot, "SELECT count(*) FROM t") == [(4_000,)]


def test_file_that_stays_missing_is_told(live_folder: Path, take: Take) -> None:
    with pytest.raises(TerminalError, match="is missing"):
        take(live_folder / "linkedin.db", lock_timeout_seconds=0.5)
