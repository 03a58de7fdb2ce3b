"""The order in which sources are imported decides nothing: every order ends in the same rows."""

from pathlib import Path
from random import Random

import pytest
from pytest_django import Settings

from legacy_import.demo.rows import seeded_random
from legacy_import.sources import SOURCES
from tests.faults.legacy_import.orders import Step, differences, end_state, vouched
from tests.faults.legacy_import.overlapping_files import FAMILIES, build, emptied, row, write_family
from tests.reliability import Tally

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(900),
    pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True),
]

ALL = tuple(source.name for source in SOURCES)
PERMUTATIONS = 30
FAMILY_SEEDS = range(5)
ORDERS_OF_A_FAMILY = 2


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


def interleaved(versions: list[Path], names: tuple[str, ...], rng: Random) -> list[Step]:
    """Return one import of each version of each file: a file's versions in their order, the files in any."""
    turns = rng.sample(names * len(versions), len(names) * len(versions))
    return [Step(versions[turns[:place].count(name)], (name,)) for place, name in enumerate(turns)]


def told(steps: list[Step], seed: object) -> str:
    return f"seed {seed}: {'; '.join(map(str, steps))}"


def test_the_real_files_end_in_the_same_state_in_every_order(real_legacy_dir: Path, tally: Tally) -> None:
    expected = end_state([Step(real_legacy_dir, ALL)])

    for seed in range(PERMUTATIONS):
        steps = in_groups(real_legacy_dir, ALL, seeded_random(seed, "real files"))
        assert differences(expected, end_state(steps)) == [], told(steps, seed)
    tally("orders of import that end in the same state", PERMUTATIONS)


@pytest.mark.parametrize("names", FAMILIES, ids=lambda names: names[0])
@pytest.mark.parametrize("seed", FAMILY_SEEDS)
def test_dirty_and_overlapping_files_end_in_the_same_state_in_every_order(
    tmp_path: Path, seed: int, names: tuple[str, ...], tally: Tally
) -> None:
    folder = write_family(tmp_path, seed=seed)[1]
    expected = end_state([Step(folder, names)])

    for turn in range(ORDERS_OF_A_FAMILY):
        steps = in_groups(folder, names, seeded_random(seed, f"order {turn}"))
        assert differences(expected, end_state(steps)) == [], told(steps, f"{seed}.{turn}")
    tally("orders of import that end in the same state", ORDERS_OF_A_FAMILY)


@pytest.mark.parametrize("names", FAMILIES, ids=lambda names: names[0])
@pytest.mark.parametrize("seed", FAMILY_SEEDS)
def test_files_that_change_between_imports_end_in_the_same_state_in_every_order(
    tmp_path: Path, seed: int, names: tuple[str, ...], tally: Tally
) -> None:
    versions = write_family(tmp_path, seed=seed)
    expected = vouched(end_state([Step(folder, (name,)) for folder in versions for name in names]))

    for turn in range(ORDERS_OF_A_FAMILY):
        steps = interleaved(versions, names, seeded_random(seed, f"turns {turn}"))
        assert differences(expected, vouched(end_state(steps))) == [], told(steps, f"{seed}:{turn}")
    tally("orders of import that end in the same state", ORDERS_OF_A_FAMILY)


def compared(versions: list[Path], one: str, other: str) -> list[str]:
    """Compare two orders, spelled `primary primary* week3`: a star is the second version of that file."""

    def steps(order: str) -> list[Step]:
        return [Step(versions[name.endswith("*")], (name.rstrip("*"),)) for name in order.split()]

    return differences(vouched(end_state(steps(one))), vouched(end_state(steps(other))))


def test_a_post_that_comes_after_both_inquiries_leaves_their_divergence(tmp_path: Path) -> None:
    drawn = [
        *emptied(),
        row(1, "primary", "consultation_inquiries", inquiry_id="i", source_post_id="p"),
        row(1, "duplicate", "consultation_inquiries", inquiry_id="i", source_post_id=None),
        row(1, "week3", "week3_posts", post_id="p"),
    ]
    assert compared(build(tmp_path, drawn), "primary duplicate week3", "week3 primary duplicate") == []


def test_a_merged_row_that_breaks_diverges_no_more(tmp_path: Path) -> None:
    drawn = [
        *emptied(),
        row(1, "primary", "linkedin_posts", post_id="p", likes=1, content="Text"),
        row(1, "duplicate", "linkedin_posts", post_id="p", likes=2, content="Text"),
        row(2, "duplicate", "linkedin_posts", post_id="p", likes="many", content="Text"),
    ]
    assert compared(build(tmp_path, drawn), "primary duplicate duplicate*", "duplicate duplicate* primary") == []


def test_a_row_whose_identity_changes_is_merged_into_the_other_target(tmp_path: Path) -> None:
    drawn = [
        *emptied(),
        row(1, "primary", "business_pipeline", pipeline_id="a", month="2025-07"),
        row(1, "duplicate", "business_pipeline", pipeline_id="b", month="2025-08"),
        row(2, "duplicate", "business_pipeline", pipeline_id="b", month="2025-07"),
    ]
    assert compared(build(tmp_path, drawn), "primary duplicate duplicate*", "duplicate duplicate* primary") == []


def test_of_two_rows_of_one_month_the_same_stays(tmp_path: Path) -> None:
    drawn = [
        *emptied(),
        row(1, "primary", "business_pipeline", pipeline_id="x", month="2025-07"),
        row(1, "duplicate", "business_pipeline", pipeline_id="a", month="2025-07"),
        row(2, "duplicate", "business_pipeline", pipeline_id="b", month="2025-07"),
    ]
    assert compared(build(tmp_path, drawn), "primary duplicate duplicate*", "duplicate duplicate* primary") == []
