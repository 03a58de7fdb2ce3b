"""Two imports at once: of one source the second is told who holds it, of two sources both end well."""

import re
import shutil
import socket
from datetime import UTC, datetime

import pytest

from tests.faults.legacy_import.ground import Ended, Ground, made_ground
from tests.legacy_files import change
from tests.reliability import Tally

pytestmark = pytest.mark.faults


def test_second_import_of_a_source_is_told_who_holds_it(small_ground: Ground, tally: Tally) -> None:
    small_ground.empty()
    with small_ground.stopped_import("merge") as first:
        second = Ended.of(small_ground.start_import())

        sentence = second.error
        found = re.fullmatch(
            r"primary: another import of this source is running since (\S+ \S+) UTC, started by a fault test"
            rf" \(process {first.pid} on {re.escape(socket.gethostname())}\); try again when it is done",
            sentence,
        )
        assert found, sentence
        since = datetime.fromisoformat(f"{found[1]}+00:00")
        assert 0 <= (datetime.now(tz=UTC) - since).total_seconds() < 60
        assert small_ground.look().is_empty

    assert first.ended.code == 0, first.ended
    after = small_ground.look()
    assert (after.rows["posts"], after.rows["consultation_inquiries"]) == (7, 15)
    assert after.runs == ("completed", "failed")
    tally("imports of one source at once", 2)


def test_other_source_goes_on_beside_a_held_one(small_ground: Ground, tally: Tally) -> None:
    small_ground.empty()
    with small_ground.stopped_import("snapshot"):
        ended = Ended.of(small_ground.start_import("primary", "duplicate"))

        assert ended.code == 1
        assert small_ground.look().rows["posts"] > 0
    tally("imports of two sources at once", 2)


@pytest.mark.parametrize("rows", [None, 20_000])
def test_two_sources_at_once_end_as_one_after_the_other(rows: int | None, tally: Tally) -> None:
    with made_ground(rows=rows) as ground:
        if rows:
            shutil.copyfile(ground.primary, ground.duplicate)
            change(ground.duplicate, "UPDATE consultation_inquiries SET status = 'won' WHERE rowid % 10 = 0")
            change(ground.duplicate, "DELETE FROM consultation_inquiries WHERE rowid % 10 = 1")
            change(ground.primary, "DELETE FROM consultation_inquiries WHERE rowid % 10 = 2")
        ground.import_legacy("primary", "duplicate")
        one_after_the_other = ground.fingerprint()

        for _ in range(3):
            ground.empty()
            both = [ground.start_import(source) for source in ("duplicate", "primary")]
            ended = [Ended.of(process) for process in both]

            assert [one.code for one in ended] == [0, 0], ended
            assert ground.fingerprint() == one_after_the_other
            assert ground.look().runs == ("completed", "completed")
    tally("imports of two sources at once", 6)
