"""The order in which sources are imported decides nothing: every order ends in the same rows."""

from pathlib import Path
from random import Random

import pytest
from pytest_django import Settings

from legacy_import.sources import SOURCES
from tests.faults.legacy_import.orders import Step, differences, end_state
from tests.faults.legacy_import.overlapping_files import FAMILIES, write_family

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True),
]

ALL = tuple(source.name for source in SOURCES)
PERMUTATIONS = 30
FAMILY_PERMUTATIONS = 10


@pytest.fixture(autouse=True)
def backup_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_DIR = tmp_path / "backups"
    return tmp_path / "backups"


def in_groups(folder: Path, names: tuple[str, ...], rng: Random) -> list[Step]:
    """Return the names in another order, cut into groups of one or more."""
    order = rng.sample(names, len(names))
    most = rng.choice((1, 4, len(names)))
    steps = []
    while order:
        size = rng.randint(1, most)
        steps.append(Step(folder, tuple(order[:size])))
        order = order[size:]
    return steps


@pytest.mark.timeout(600)
def test_the_real_files_end_in_the_same_state_in_every_order(real_legacy_dir: Path) -> None:
    expected = end_state([Step(real_legacy_dir, ALL)])

    for seed in range(PERMUTATIONS):
        steps = in_groups(real_legacy_dir, ALL, Random(seed))
        assert differences(expected, end_state(steps)) == [], f"seed {seed}: {'; '.join(map(str, steps))}"


def interleaved(versions: list[Path], names: tuple[str, ...], rng: Random) -> list[Step]:
    """Return one import of each file's versions, the versions of a file in their order, the files in any."""
    turns = rng.sample(names * len(versions), len(names) * len(versions))
    return [Step(versions[turns[:place].count(name)], (name,)) for place, name in enumerate(turns)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("names", FAMILIES, ids=lambda names: names[0])
@pytest.mark.parametrize("seed", range(FAMILY_PERMUTATIONS))
def test_dirty_and_overlapping_files_end_in_the_same_state_in_every_order(
    tmp_path: Path, seed: int, names: tuple[str, ...]
) -> None:
    versions = write_family(tmp_path, seed=seed)
    expected = end_state([Step(folder, (name,)) for folder in versions for name in names])

    for turn in range(3):
        steps = interleaved(versions, names, Random(f"{seed}:{turn}"))
        assert differences(expected, end_state(steps)) == [], f"seed {seed}.{turn}: {'; '.join(map(str, steps))}"
