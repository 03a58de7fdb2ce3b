"""What became of a source's rows: their sum is what was read."""

from collections import Counter

import pytest

from legacy_import.pipeline.report import SourceReport, TableCounts


def test_what_no_outcome_claims_is_unchanged() -> None:
    counts = TableCounts.from_outcomes(read=10, outcomes=Counter(inserted=1, updated=2, quarantined=3))

    assert counts == TableCounts(read=10, inserted=1, updated=2, unchanged=4, quarantined=3)


@pytest.mark.parametrize(
    ("outcome", "brought"),
    [
        ("inserted", True),
        ("updated", True),
        ("merged", True),
        ("archived", True),
        ("quarantined", False),
        ("unchanged", False),
    ],
)
def test_a_row_that_is_new_or_changed_is_something(outcome: str, *, brought: bool) -> None:
    report = SourceReport("primary", "completed", {"a": TableCounts(read=1, **{outcome: 1}), "b": TableCounts(read=0)})

    assert report.has_changes is brought


def test_outcomes_are_summed_over_the_tables() -> None:
    tables = {"a": TableCounts(read=1500, inserted=1498, quarantined=2), "b": TableCounts(read=1, quarantined=1)}
    report = SourceReport("primary", "completed", tables)

    assert report.describe_outcomes() == "1,498 inserted, 3 quarantined"
    assert report.quarantined_rows == 3
    assert SourceReport("primary", "completed").describe_outcomes() == "no rows"
