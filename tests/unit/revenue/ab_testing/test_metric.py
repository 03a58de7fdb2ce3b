"""What counts as success follows the words of the legacy scripts, and doubt about it is told."""

import pytest

from revenue.ab_testing.metric import metric_column, success_metric
from revenue.models import ABTestVariant


def _variants(*metrics: str) -> list[ABTestVariant]:
    names = "ABCD"
    return [
        ABTestVariant(variant_name=names[place], expected_metric=metric, consultation_requests=2, engagement_actions=3)
        for place, metric in enumerate(metrics)
    ]


@pytest.mark.parametrize(
    ("said", "column"),
    [
        ("consultation_requests", "consultation_requests"),
        ("engagement_rate", "engagement_actions"),
        (" Engagement_Actions ", "engagement_actions"),
        ("consultation_conversion", "consultation_requests"),
        ("inquiries", "consultation_requests"),
        ("likes", None),
        ("", None),
    ],
)
def test_a_metric_means_a_column(said: str, column: str | None) -> None:
    assert metric_column(said) == column


def test_the_controls_metric_counts() -> None:
    variants = _variants("engagement_rate", "engagement_actions")

    metric = success_metric(variants)

    assert metric.is_agreed
    assert [metric.count_successes(variant) for variant in variants] == [3, 3]


def test_variants_that_disagree_are_named() -> None:
    metric = success_metric(
        _variants("consultation_requests", "engagement_rate", "consultation_requests", "engagement")
    )

    assert metric.column == "consultation_requests"
    assert "“B” and “D” expect something else" in metric.problem


def test_an_unknown_metric_is_told_and_consultations_count() -> None:
    metric = success_metric(_variants("likes", "consultation_requests"))

    assert metric.column == "consultation_requests"
    assert metric.problem == ("What “A” should bring is not a metric Synapse knows; consultation requests are counted.")


def test_a_test_without_variants_counts_consultations() -> None:
    metric = success_metric([])

    assert (metric.column, metric.is_agreed) == ("consultation_requests", True)


def test_a_count_that_was_never_written_is_nought() -> None:
    variant = ABTestVariant(variant_name="A", expected_metric="engagement_rate", engagement_actions=None)

    assert success_metric([variant]).count_successes(variant) == 0
