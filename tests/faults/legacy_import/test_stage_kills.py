"""kill -9 of PostgreSQL and of the importer at the entry of every stage.

What lives here: faults whose moment is a stage. What does not: kills by the clock (test_kills, test_update_kills).
"""

from typing import Any, Final, get_args

import pytest

from legacy_import.pipeline.progress import StageName
from tests.faults.legacy_import.conftest import MIDDLE_ROWS
from tests.faults.legacy_import.ground import Ended, Ground, ending
from tests.faults.legacy_import.versions import Versions, made_versions
from tests.reliability import Tally

pytestmark = pytest.mark.faults

TABLES: Final = ("linkedin_posts", "consultation_inquiries", "business_pipeline")
# The second table's turn where each table has one: then the first one's rows are already in their places.
OF_EACH_TABLE: Final = ("extract", "judge", "compare", "merge", "ledger")
ENTRIES: Final = [(stage, 2 if stage in OF_EACH_TABLE else 1) for stage in get_args(StageName)]
EVERY_ENTRY: Final = [(stage, 1) for stage in get_args(StageName)] + [(stage, 2) for stage in OF_EACH_TABLE]


@pytest.fixture(scope="module")
def undisturbed(middle_ground: Ground) -> dict[str, Any]:
    """What a first load leaves that nobody disturbs."""
    middle_ground.import_legacy()
    return middle_ground.fingerprint()


@pytest.fixture(scope="module")
def versions(middle_ground: Ground, undisturbed: dict[str, Any]) -> Versions:
    return made_versions(middle_ground)


@pytest.mark.parametrize(("stage", "nth"), EVERY_ENTRY)
def test_importer_killed_during_a_first_load_leaves_nothing_and_the_next_run_completes(
    stage: str, nth: int, middle_ground: Ground, undisturbed: dict[str, Any], tally: Tally
) -> None:
    middle_ground.empty_or_restart()
    with ending(middle_ground.start_killed_import(stage, nth)) as process:
        assert process.wait(60) == -9

    found = middle_ground.look()
    assert found.is_empty
    assert found.runs == ("running",)
    assert_next_run_brings_every_row(middle_ground)
    assert middle_ground.look().runs == ("interrupted", "completed")
    assert middle_ground.fingerprint() == undisturbed
    assert list(middle_ground.snapshots.glob(".partial-*")) == []
    tally("kill -9 of the importer during a first load, by stage", 1)


@pytest.mark.parametrize(("stage", "nth"), ENTRIES)
def test_server_killed_during_a_first_load_leaves_nothing_and_the_next_run_completes(
    stage: str, nth: int, middle_ground: Ground, undisturbed: dict[str, Any], tally: Tally
) -> None:
    middle_ground.empty_or_restart()

    assert_told(kill_server_at(middle_ground, stage, nth))

    found = middle_ground.look()
    assert found.is_empty
    assert found.runs == ("failed",)
    middle_ground.import_legacy()
    assert middle_ground.look().runs == ("failed", "completed")
    assert middle_ground.fingerprint() == undisturbed
    tally("kill -9 of PostgreSQL during a first load, by stage", 1)


@pytest.mark.parametrize(("stage", "nth"), ENTRIES)
def test_server_killed_during_an_update_leaves_the_old_state_and_the_next_run_completes(
    stage: str, nth: int, middle_ground: Ground, versions: Versions, tally: Tally
) -> None:
    versions.bring()

    assert_told(kill_server_at(middle_ground, stage, nth))

    assert middle_ground.fingerprint() == versions.now.fingerprint
    assert_next_run_brings_the_new_state(middle_ground, versions, before="failed")
    tally("kill -9 of PostgreSQL during an update, by stage", 1)


@pytest.mark.parametrize(("stage", "nth"), ENTRIES)
def test_importer_killed_during_an_update_leaves_the_old_state_and_the_next_run_completes(
    stage: str, nth: int, middle_ground: Ground, versions: Versions, tally: Tally
) -> None:
    versions.bring()
    with ending(middle_ground.start_killed_import(stage, nth)) as process:
        assert process.wait(60) == -9

    assert middle_ground.fingerprint() == versions.now.fingerprint
    assert_next_run_brings_the_new_state(middle_ground, versions, before="interrupted")
    assert list(middle_ground.snapshots.glob(".partial-*")) == []
    tally("kill -9 of the importer during an update, by stage", 1)


def kill_server_at(ground: Ground, stage: str, nth: int) -> Ended:
    """Kill the server where an import enters the stage, and return how the import ended."""
    with ground.stopped_import(stage, nth) as stopped:
        ground.kill_server()
    return stopped.ended


def assert_told(ended: Ended) -> None:
    sentence = ended.complaint.strip()
    assert ended.code == 1, ended
    assert sentence.startswith("primary: the database gave up: "), ended
    assert sentence.endswith("run it again"), ended
    assert "\n" not in sentence, ended


def assert_next_run_brings_every_row(ground: Ground) -> None:
    tables = ground.import_legacy()["primary"]["tables"]
    assert sum(tables[name]["read"] for name in TABLES) == MIDDLE_ROWS
    assert all(tables[name]["inserted"] == tables[name]["read"] for name in TABLES)


def assert_next_run_brings_the_new_state(ground: Ground, versions: Versions, *, before: str) -> None:
    ground.import_legacy()
    assert ground.look().runs[-2:] == (before, "completed")
    assert ground.fingerprint() == versions.to_come.fingerprint
    versions.arrived()
