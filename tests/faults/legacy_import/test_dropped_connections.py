"""A connection lost during an import: one sentence, all or nothing, and no run that stays `running`.

What lives here: sessions ended by an administrator, and networks that cut. What does not: a server that is killed.
"""

from typing import Any, Final

import pytest

from synapse.foundation.databases import DATABASE_NAMES, URL_VARIABLES
from synapse.foundation.embedded_postgres import pid_file
from synapse.foundation.embedded_postgres.data_directory import USER, read_password
from synapse.foundation.embedded_postgres.ports import HOST
from tests.faults.legacy_import.cutting_proxy import Cut, Moment, cutting_proxy
from tests.faults.legacy_import.ground import Ended, Ground
from tests.faults.legacy_import.test_stage_kills import ENTRIES, assert_told
from tests.reliability import Tally

pytestmark = pytest.mark.faults

# A primary of 6,000 rows sends about two million bytes; the first COPY begins within the first ten thousand.
MIDDLES_OF_COPY: Final = (30_000, 400_000, 1_200_000)
END_SESSIONS: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'synapse default'"
)


@pytest.fixture(scope="module")
def undisturbed(middle_ground: Ground) -> dict[str, Any]:
    middle_ground.import_legacy()
    return middle_ground.fingerprint()


@pytest.fixture(autouse=True)
def _emptied(undisturbed: dict[str, Any], middle_ground: Ground) -> None:
    middle_ground.empty()


@pytest.mark.parametrize(("stage", "nth"), [*ENTRIES, ("block", 1), ("block", 12)])
def test_session_ended_at_a_stage_is_told_and_leaves_nothing(
    stage: str, nth: int, middle_ground: Ground, undisturbed: dict[str, Any], tally: Tally
) -> None:
    with middle_ground.stopped_import(stage, nth) as stopped:
        assert middle_ground.query(END_SESSIONS) == [(True,)]

    assert_told(stopped.ended)
    assert_nothing_then_all(middle_ground, undisturbed)
    tally("connection dropped by pg_terminate_backend, by stage and mid-COPY", 1)


@pytest.mark.parametrize("sent_bytes", MIDDLES_OF_COPY)
def test_network_cut_during_copy_is_told_and_leaves_nothing(
    sent_bytes: int, middle_ground: Ground, undisturbed: dict[str, Any], tally: Tally
) -> None:
    cut = Cut(sent_bytes=sent_bytes)

    sentence = import_over(middle_ground, cut).error

    assert cut.made.is_set()
    assert sentence.startswith("primary: the database gave up: "), sentence
    assert_nothing_then_all(middle_ground, undisturbed)
    tally("connection cut by the network mid-COPY", 1)


def test_network_cut_before_commit_leaves_nothing(
    middle_ground: Ground, undisturbed: dict[str, Any], tally: Tally
) -> None:
    cut = Cut(words=b"COMMIT\0", moment="before")

    sentence = import_over(middle_ground, cut).error

    assert cut.made.is_set()
    assert sentence.startswith("primary: the database gave up: "), sentence
    assert_nothing_then_all(middle_ground, undisturbed)
    tally("connection cut by the network around COMMIT", 1)


@pytest.mark.parametrize("moment", ["after", "in flight"])
def test_network_cut_around_commit_tells_what_became_of_it(
    moment: Moment, middle_ground: Ground, undisturbed: dict[str, Any], tally: Tally
) -> None:
    cut = Cut(words=b"COMMIT\0", moment=moment)

    ended = import_over(middle_ground, cut)

    assert cut.made.is_set()
    assert ended.code == 0 or (moment == "in flight" and ended.error), ended
    if ended.code == 0:
        assert '"inserted": 1000' in ended.output
        assert middle_ground.look().runs == ("completed",)
        assert middle_ground.fingerprint() == undisturbed
    else:
        assert_nothing_then_all(middle_ground, undisturbed)
    tally("connection cut by the network around COMMIT", 1)


def import_over(ground: Ground, cut: Cut) -> Ended:
    """Import the primary over a proxy that makes the cut."""
    data = ground.checkout.data
    written = pid_file.read_pid_file(data)
    assert written
    assert written.port
    with cutting_proxy(written.port, cut) as port:
        server = f"postgresql://{USER}:{read_password(data)}@{HOST}:{port}"
        urls = {variable: f"{server}/{DATABASE_NAMES[alias]}" for alias, variable in URL_VARIABLES.items()}
        return Ended.of(ground.start_import(**urls))


def assert_nothing_then_all(ground: Ground, undisturbed: dict[str, Any]) -> None:
    found = ground.look()
    assert found.is_empty
    assert found.runs == ("failed",)
    ground.import_legacy()
    assert ground.look().runs == ("failed", "completed")
    assert ground.fingerprint() == undisturbed
