"""Rows by the value of a column: the groups, all others, and that their lookups find the same rows again."""

from decimal import Decimal

import pytest
from django.db import connections
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from revenue.models import RevenueOpportunity
from synapse.kit.dashboard.grouping import Group, largest_groups
from tests.factories import make_opportunity

pytestmark = pytest.mark.django_db(databases=["default", "revenue"])


def _make(status: str | None, *values: int) -> None:
    for value in values:
        make_opportunity(status=status, revenue_potential=Decimal(value))


def test_groups_come_by_size_and_their_lookups_find_their_rows() -> None:
    _make("active", 1, 2, 3)
    _make("lost, really", 10, 20)
    _make(None, 100)
    _make("", 1000)

    found = largest_groups(RevenueOpportunity.objects.all(), "status", sums=["revenue_potential"])

    assert [(group.label, group.rows, group.sums["revenue_potential"]) for group in found] == [
        ("active", 3, 6),
        ("lost, really", 2, 30),
        ("(empty)", 1, 1000),
        ("(none)", 1, 100),
    ]
    _assert_found_again(RevenueOpportunity.objects.all(), found)


@pytest.mark.parametrize("rare", ["rare", None])
def test_what_is_beyond_the_most_is_one_group(rare: str | None) -> None:
    _make("active", 1, 2, 3)
    _make("lost", 10, 20)
    _make(rare, 100)
    _make("zz", 1000)

    found = largest_groups(RevenueOpportunity.objects.all(), "status", sums=["revenue_potential"], max_groups=2)

    assert [(group.label, group.rows, group.sums["revenue_potential"]) for group in found] == [
        ("active", 3, 6),
        ("lost", 2, 30),
        ("all others", 2, 1100),
    ]
    _assert_found_again(RevenueOpportunity.objects.all(), found)


def test_rows_without_a_value_may_be_a_large_group() -> None:
    _make(None, 1, 2, 3)
    _make("lost", 10)

    found = largest_groups(RevenueOpportunity.objects.all(), "status", sums=["revenue_potential"], max_groups=1)

    assert [(group.label, group.rows) for group in found] == [("(none)", 3), ("all others", 1)]
    _assert_found_again(RevenueOpportunity.objects.all(), found)


def test_groups_are_of_the_rows_asked_for() -> None:
    _make("active", 1, 2)
    _make("lost", 10)

    found = largest_groups(RevenueOpportunity.objects.filter(revenue_potential__gte=2), "status")

    assert [(group.label, group.rows) for group in found] == [("active", 1), ("lost", 1)]


def test_no_rows_make_no_groups() -> None:
    assert largest_groups(RevenueOpportunity.objects.all(), "status", sums=["revenue_potential"]) == []


def test_labels_show_what_hides() -> None:
    _make("a\u202eb", 1)

    assert [group.label for group in largest_groups(RevenueOpportunity.objects.all(), "status")] == ["a⟨U+202E⟩b"]


@pytest.mark.parametrize("values", [1, 30])
def test_two_queries_whatever_there_is(values: int) -> None:
    for number in range(values):
        _make(f"status {number}", number)

    with CaptureQueriesContext(connections["revenue"]) as asked:
        largest_groups(RevenueOpportunity.objects.all(), "status", sums=["revenue_potential"])

    assert len(asked) == 2


def _assert_found_again(rows: QuerySet[RevenueOpportunity], found: list[Group]) -> None:
    for group in found:
        again = rows.filter(**group.lookups)
        assert again.count() == group.rows
        assert sum(row.revenue_potential for row in again) == group.sums["revenue_potential"]
