"""What is said of a test that has too little data, and for how long."""

import pytest

from revenue.statistics.kinds import VerdictKind
from tests.unit.revenue.statistics.judging import verdict


def test_too_few_posts_to_check_the_traffic_are_waited_for() -> None:
    judged = verdict((100, 9000), (80, 1000), posts=(3, 2), days=10)

    assert judged.words.headline == "Keep running, about 10 days"
    assert judged.words.reason == "The traffic can't be checked yet: it takes 10 posts, and there are 5."
    assert judged.decision is None


@pytest.mark.parametrize(("idle", "kind"), [(6.99, VerdictKind.COLLECTING), (7.0, VerdictKind.STALLED)])
def test_a_week_without_impressions_is_stalled(idle: float, kind: VerdictKind) -> None:
    judged = verdict((5, 60), (6, 60), days_without_impressions=idle)

    assert judged.kind is kind
    assert (judged.words.headline == "Stalled (no impressions for 7 days)") is (kind is VerdictKind.STALLED)


def test_a_test_that_has_its_sample_is_not_stalled() -> None:
    assert verdict((100, 1000), (150, 1000), days_without_impressions=90).kind is VerdictKind.WINNER_TO_CONFIRM


@pytest.mark.parametrize(
    ("counts", "planned", "headline"),
    [
        ([(50, 500), (60, 490)], 1000, "Keep running, about 11 days"),
        ([(50, 950), (60, 940)], 1000, "Keep running, about 1 day"),
        ([(1, 1000), (60, 1000)], 1000, "Keep running, about 40 days"),
        ([(0, 1000), (60, 1000)], 1000, "Keep running"),
        ([(50, 500), (60, 490)], None, "Keep running"),
    ],
)
def test_headline_says_how_many_days_it_takes_where_anyone_can_know(
    counts: list[tuple[int, int]], planned: int | None, headline: str
) -> None:
    assert verdict(*counts, planned=planned, days=10).words.headline == headline


def test_days_left_follow_the_observed_pace() -> None:
    judged = verdict((50, 500), (60, 480), planned=1000, days=10)

    assert judged.findings.test.days_left == 11
    assert judged.words.headline == "Keep running, about 11 days"


def test_clear_difference_before_the_planned_sample_is_no_winner() -> None:
    judged = verdict((100, 1000), (300, 1000), planned=1001)

    assert judged.kind is VerdictKind.COLLECTING
    assert judged.decision is None
    assert judged.findings.comparisons[0].significant
    assert "sets B apart" in " ".join(judged.words.details)


def test_clear_difference_without_a_plan_is_no_winner() -> None:
    judged = verdict((100, 1000), (300, 1000), planned=None)

    assert judged.kind is VerdictKind.COLLECTING
    assert judged.words.next_step == "Set the minimum sample size on the test."


@pytest.mark.parametrize(
    "counts",
    [
        [(0, 0), (0, 0)],
        [(20, 49), (20, 50)],
        [(4, 5000), (90, 5000)],
        [(90, 5000), (4, 5000)],
    ],
)
def test_too_little_data_is_collecting(counts: list[tuple[int, int]]) -> None:
    assert verdict(*counts).kind is VerdictKind.COLLECTING
