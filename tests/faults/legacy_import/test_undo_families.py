"""Dirty, overlapping files imported in any order and undone step by step: each state is the one before."""

from pathlib import Path
from random import Random

import pytest
from pytest_django import Settings

from legacy_import.demo.rows import seeded_random
from legacy_import.models import ImportRun
from legacy_import.services.undoing import UndoRequest, latest_import, undo_run
from legacy_import.sources import SOURCES, source_named
from synapse.foundation.databases import ALIASES
from tests.faults.legacy_import.orders import Step, differences, empty_databases, run_steps, whole_state
from tests.faults.legacy_import.overlapping_files import FAMILIES, write_family
from tests.imports import rows
from tests.integration.legacy_import.undo.undoing import everything
from tests.reliability import Tally

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(900),
    pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True),
]

ALL = tuple(source.name for source in SOURCES)
SEEDS = range(6)


@pytest.fixture(autouse=True)
def backup_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_DIR = tmp_path / "backups"
    return tmp_path / "backups"


def turns(versions: list[Path], names: tuple[str, ...], rng: Random) -> list[Step]:
    """Return imports of the files, one at a time, versions in any order: some rows come back, some go twice."""
    return [Step(rng.choice(versions), (rng.choice(names),)) for _ in range(2 * len(names))]


def undo(alias: str, run: ImportRun, *, with_later: bool = False) -> int:
    return len(undo_run(UndoRequest(alias, run.pk, requested_by="a test", with_later=with_later)).undone)


@pytest.mark.parametrize("names", FAMILIES, ids=lambda names: names[0])
@pytest.mark.parametrize("seed", SEEDS)
def test_undoing_step_by_step_goes_back_through_every_state(
    tmp_path: Path, seed: int, names: tuple[str, ...], tally: Tally
) -> None:
    steps = turns(write_family(tmp_path, seed=seed), names, seeded_random(seed, "undone"))
    alias = source_named(names[0]).database
    empty_databases()
    started = rows("default", "SELECT clock_timestamp()")[0][0]
    states, runs = [everything(alias)], []
    for step in steps:
        assert [report.error for report in run_steps([step])] == [None]
        runs.append(latest_import(step.names[0]))
        states.append(everything(alias))
    end = whole_state(started)

    for place in reversed(range(len(steps))):
        assert undo(alias, runs[place]) == 1
        assert everything(alias) == states[place], f"seed {seed}: undo of {place} in {'; '.join(map(str, steps))}"

    run_steps(steps)
    assert differences(end, whole_state(started)) == []
    tally("imports undone, the databases as before", len(steps))


def test_undoing_the_real_files_leaves_nothing(real_legacy_dir: Path, tally: Tally) -> None:
    empty_databases()
    before = {alias: everything(alias) for alias in ALIASES}
    assert [report.error for report in run_steps([Step(real_legacy_dir, ALL)]) if report.error] == []

    for name in reversed(ALL):
        assert undo(source_named(name).database, latest_import(name)) == 1

    assert {alias: everything(alias) for alias in ALIASES} == before
    tally("imports undone, the databases as before", len(ALL))


@pytest.mark.parametrize("names", FAMILIES, ids=lambda names: names[0])
@pytest.mark.parametrize("seed", SEEDS)
def test_undoing_the_first_with_all_that_stands_on_it_and_the_rest_leaves_nothing(
    tmp_path: Path, seed: int, names: tuple[str, ...], tally: Tally
) -> None:
    rng = seeded_random(seed, "undone with later")
    steps = turns(write_family(tmp_path, seed=seed), names, rng)
    alias = source_named(names[0]).database
    empty_databases()
    before = everything(alias)
    run_steps(steps)
    imports = ImportRun.objects.using(alias).filter(kind="import", status__in=["completed", "quarantined"])
    undone = 0

    while left := list(imports.all()):
        undone += undo(alias, rng.choice(left), with_later=True)

    assert undone == len(steps)
    assert everything(alias) == before
    tally("imports undone, the databases as before", undone)
