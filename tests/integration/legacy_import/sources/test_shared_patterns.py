"""The three performance files say things of the same patterns: one row each, whatever the keys, whoever comes first."""

from itertools import permutations
from pathlib import Path

import pytest

from analytics.models import ContentPattern
from tests.imports import run_import
from tests.integration.legacy_import.sources.mapped_table import landed, ledger_row
from tests.integration.legacy_import.sources.performance_files import BY_PRECEDENCE, performance_tables

pytestmark = pytest.mark.django_db(databases=["default", "analytics"], transaction=True)

PATTERNS = {source: performance_tables(source)[1] for source in BY_PRECEDENCE}


def insert_the_same_pattern(legacy_dir: Path, *sources: str) -> None:
    for rank, source in enumerate(sources):
        PATTERNS[source].insert(
            legacy_dir, pattern_id=f"{source}-1", pattern_type="shared", pattern_value="same", sample_size=100 + rank
        )


@pytest.mark.parametrize("order", [*permutations(BY_PRECEDENCE)], ids="-".join)
def test_the_first_by_precedence_owns_it(legacy_dir: Path, order: tuple[str, ...]) -> None:
    insert_the_same_pattern(legacy_dir, *BY_PRECEDENCE)

    for source in order:
        run_import(source, legacy_dir)

    pattern = ContentPattern.objects.get(pattern_type="shared", pattern_value="same")
    assert pattern.sample_size == 100
    states = {source: ledger_row(PATTERNS[source], f"{source}-1").state for source in BY_PRECEDENCE}
    assert states == {"performance": "live", "performance_optimized": "merged", "performance_cross_platform": "merged"}


@pytest.mark.parametrize("order", [*permutations(BY_PRECEDENCE[1:])], ids="-".join)
def test_without_the_first_the_second_owns_it(legacy_dir: Path, order: tuple[str, ...]) -> None:
    insert_the_same_pattern(legacy_dir, *BY_PRECEDENCE[1:])

    for source in order:
        run_import(source, legacy_dir)

    assert landed(PATTERNS["performance_optimized"], "performance_optimized-1")["sample_size"] == 100
    assert ledger_row(PATTERNS["performance_cross_platform"], "performance_cross_platform-1").state == "merged"


def test_two_of_one_pattern_in_one_file_are_one_row_and_a_quarantined_one(legacy_dir: Path) -> None:
    patterns = PATTERNS["performance"]
    keys = [
        patterns.insert(legacy_dir, pattern_id=key, pattern_type="shared", pattern_value="same")["pattern_id"]
        for key in ("a", "b")
    ]

    assert run_import("performance", legacy_dir).status == "quarantined"

    assert sorted(ledger_row(patterns, key).state for key in keys) == ["live", "quarantined"]
