"""Writers go on while a snapshot is taken: none waits over 100 ms, and each snapshot holds whole transactions."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from legacy_import.errors import TransientError
from legacy_import.pipeline.snapshot import online_backup
from legacy_import.pipeline.snapshot.snapshot import Snapshot
from tests.integration.legacy_import.pipeline.snapshot.live_files import NOW, WRITER, make_database, rows_of, running

Take = Callable[..., Snapshot]


def _take_for(seconds: float, live: Path, take: Take) -> list[Snapshot]:
    until = time.monotonic() + seconds
    taken: list[Snapshot] = []
    while time.monotonic() < until:
        taken.append(take(live, now=NOW + timedelta(seconds=len(taken))))
    return taken


def _write_while_taking(live: Path, take: Take, *, mode: str, pause_seconds: float, seconds: float) -> dict[str, float]:
    with running(WRITER, live, mode, pause_seconds) as result:
        taken = _take_for(seconds, live, take)
    for snapshot in taken:
        assert rows_of(snapshot, "SELECT sum(side = 'left') = sum(side = 'right') FROM pair") in ([(1,)], [(None,)])
        assert rows_of(snapshot, "PRAGMA integrity_check") == [("ok",)]
    assert result["commits"] > 20
    return result


# With the long tests, and alone: beside another test a writer waits for the processor, too.
@pytest.mark.faults
@pytest.mark.alone
@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("pause_seconds", [0, 0.01])
def test_no_writer_waits_over_100_ms(mode: str, pause_seconds: float, live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "live.db", mode=mode, rows=3000)

    result = _write_while_taking(live, take, mode=mode, pause_seconds=pause_seconds, seconds=1.5)

    assert result["longest_ms"] < 100


@pytest.mark.faults
@pytest.mark.alone
@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("pause_seconds", [0, 0.005, 0.05])
def test_no_writer_waits_over_100_ms_on_a_large_file(
    mode: str, pause_seconds: float, live_folder: Path, take: Take, capsys: pytest.CaptureFixture[str]
) -> None:
    live = make_database(live_folder / "live.db", mode=mode, rows=110_000, width=900)
    assert live.stat().st_size > 100_000_000

    result = _write_while_taking(live, take, mode=mode, pause_seconds=pause_seconds, seconds=5)

    with capsys.disabled():
        print(f"\n{mode}, pause {pause_seconds} s: {result}")  # noqa: T201
    assert result["longest_ms"] < 100


def test_file_written_without_a_pause_is_given_up_in_one_sentence(
    live_folder: Path, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = make_database(live_folder / "live.db", rows=20_000, width=900)
    monkeypatch.setattr(online_backup, "_HOLDS_SECONDS", (0.0,))  # as if the file were too large for one hold

    with running(WRITER, live, "delete", 0), pytest.raises(TransientError) as caught:
        take(live, lock_timeout_seconds=1)

    assert str(caught.value) == (
        f"The legacy file {live} kept being written for 1 seconds, so that no consistent copy could be taken."
    )


def test_snapshot_of_a_busy_file_is_no_lock_on_it(live_folder: Path, take: Take) -> None:
    live = make_database(live_folder / "live.db")
    take(live)
    with closing(sqlite3.connect(live, timeout=0, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
