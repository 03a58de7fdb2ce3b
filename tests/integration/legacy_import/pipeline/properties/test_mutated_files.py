"""Files with bytes changed at random: each lands or fails in a sentence, and costs its siblings nothing."""

import os
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import SystemRandom

import pytest
from pytest_django import Settings

from legacy_import.demo import write_demo_legacy
from synapse.foundation.databases import ALIASES
from tests.integration.legacy_import.pipeline.properties.mutated_verdicts import judge_mutated_file

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

CASES = 20
MANY_CASES = int(os.environ.get("MUTATED_FILES", "300"))
BATCH = 25


def _first_seed() -> str:
    """Return what seeds begin with: the same in continuous integration, another one elsewhere, unless one is given."""
    given = os.environ.get("MUTATION_SEED", "")
    return given or ("ci" if os.environ.get("CI") == "true" else f"{SystemRandom().randrange(10**6)}")


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("originals") / "demo"
    write_demo_legacy(folder, rows=60, dirty=0.2, seed=1, today=date(2025, 8, 26))
    return folder


Judge = Callable[[str], None]


@pytest.fixture
def judge(originals: Path, settings: Settings, emptied: Callable[[str], None]) -> Judge:
    """Return a function that judges the file of a seed on empty databases, and prints the seed for who repeats it."""

    def _judge(seed: str) -> None:
        # Shown with a failure; MUTATION_SEED repeats all cases of a run whose seeds begin alike.
        print(f"mutated file {seed!r}: MUTATION_SEED={seed.rpartition(' ')[0]!r}")  # noqa: T201
        for alias in ALIASES:
            emptied(alias)
        with tempfile.TemporaryDirectory() as name:
            settings.BACKUP_DIR = Path(name) / "backups"
            judge_mutated_file(seed, originals, Path(name))

    return _judge


def test_some_mutated_files_land_or_fail_in_a_sentence(judge: Judge) -> None:
    for number in range(CASES):
        judge(f"few {number}")


@pytest.mark.faults
@pytest.mark.parametrize("batch", range(-(-MANY_CASES // BATCH)))
def test_many_mutated_files_land_or_fail_in_a_sentence(batch: int, judge: Judge) -> None:
    first = _first_seed()
    for number in range(batch * BATCH, min((batch + 1) * BATCH, MANY_CASES)):
        judge(f"{first} {number}")
