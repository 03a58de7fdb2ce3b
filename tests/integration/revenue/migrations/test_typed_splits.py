"""The upgrade makes planned shares of the traffic splits that people typed, and of no others."""

import importlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections

from revenue.models import ABTest, ABTestVariant
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_ab_test, make_variant
from tests.imports import execute, rows
from tests.integration.synapse.kit.change_log.history import told

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_plan_typed_splits = importlib.import_module("revenue.migrations.0009_typed_splits").plan_typed_splits


def _upgrade() -> None:
    with connections["revenue"].schema_editor(atomic=False) as editor:
        _plan_typed_splits(apps, editor)


def _make_test(variants: int = 3, author: str = "", **columns: Any) -> ABTest:
    with attribute_changes_to(author):
        test = make_ab_test(**columns)
    for place in range(variants):
        make_variant(test=test, variant_name="ABCDEFGH"[place], position=place + 1)
    return test


def _type(test: ABTest, split: str, author: str = "grace") -> None:
    with attribute_changes_to(author):
        ABTest.objects.filter(pk=test.pk).update(traffic_split=Decimal(split))


def _shares(test: ABTest) -> list[Decimal | None]:
    return list(test.variants.order_by("variant_name").values_list("planned_share_percent", flat=True))


def test_a_typed_split_becomes_the_controls_share_and_the_others_share_the_rest() -> None:
    test = _make_test()
    _type(test, "0.30")

    _upgrade()

    assert _shares(test) == [Decimal("30.00"), Decimal("35.00"), Decimal("35.00")]
    assert told(test.variants.get(variant_name="A"))[-1] == ("update", "upgrade")


@pytest.mark.parametrize(("split", "variants"), [("0.50", 4), ("0.01", 8), ("0.99", 8), ("0.33", 2)])
def test_shares_sum_to_a_hundred_to_the_second_decimal(split: str, variants: int) -> None:
    test = _make_test(variants, traffic_split=Decimal("0.2"))
    _type(test, split)

    _upgrade()

    shares = _shares(test)
    assert shares[0] == Decimal(split) * 100
    assert sum(share or 0 for share in shares) == 100


def test_the_default_that_nobody_typed_stays_equal() -> None:
    untouched, made_here, by_sql = _make_test(), _make_test(author="grace"), _make_test()
    _type(by_sql, "0.3", author="")

    _upgrade()

    assert [set(_shares(test)) for test in (untouched, made_here, by_sql)] == [{None}] * 3


def test_a_split_typed_for_a_new_test_is_a_plan() -> None:
    test = _make_test(2, author="grace", traffic_split=Decimal("0.7"))

    _upgrade()

    assert _shares(test) == [Decimal("70.00"), Decimal("30.00")]


def test_a_split_that_was_put_back_is_none() -> None:
    test = _make_test(3)
    _type(test, "0.3")
    _type(test, "0.5")

    _upgrade()

    assert set(_shares(test)) == {None}


def test_a_split_that_an_import_overwrote_since_is_none() -> None:
    test = _make_test(3)
    _type(test, "0.3")
    run = "00000000-0000-0000-0000-000000000001"
    execute("revenue", f"SET LOCAL synapse.import_run = '{run}'")
    ABTest.objects.filter(pk=test.pk).update(traffic_split=Decimal("0.4"))
    execute("revenue", "SET LOCAL synapse.import_run = ''")

    _upgrade()

    assert set(_shares(test)) == {None}


@pytest.mark.parametrize("split", ["0", "1", "-0.5", "1.5"])
def test_a_split_that_was_no_share_is_none(split: str) -> None:
    test = _make_test(3)
    _type(test, split)

    _upgrade()

    assert set(_shares(test)) == {None}


@pytest.mark.parametrize("variants", [0, 1])
def test_a_test_with_nothing_to_share_gets_no_shares(variants: int) -> None:
    test = _make_test(variants)
    _type(test, "0.3")

    _upgrade()

    assert _shares(test) == [None] * variants


def test_a_typed_split_survives_deletion_and_restoring() -> None:
    test = _make_test(0)
    _type(test, "0.3")
    legacy = _make_test(0, traffic_split=Decimal("0.2"))
    for row in (test, legacy):
        stored = ABTest.objects.get(pk=row.pk)
        ABTest.objects.filter(pk=row.pk).delete()
        with attribute_changes_to("linus"):
            stored.save(force_insert=True)
        for name in "AB":
            make_variant(test=row, variant_name=name)

    _upgrade()

    assert (_shares(test), _shares(legacy)) == ([Decimal(30), Decimal(70)], [None, None])


def test_upgrading_twice_changes_nothing_more() -> None:
    test = _make_test()
    _type(test, "0.3")
    _upgrade()
    before = told(test.variants.get(variant_name="A"))

    _upgrade()

    assert told(test.variants.get(variant_name="A")) == before
    assert ABTestVariant.objects.filter(planned_share_percent=Decimal(30)).count() == 1


_OLD_ROWS = """
    BEGIN;
    INSERT INTO ab_tests (test_id, test_name, hypothesis, element_type, start_date)
        VALUES ('00000000-0000-0000-0000-00000000000a', 'typed', 'h', 'hook', now()),
               ('00000000-0000-0000-0000-00000000000b', 'default', 'h', 'hook', now());
    INSERT INTO test_variants (test_id, variant_name, element_type, content, expected_metric)
        SELECT test_id, name, 'hook', 'c', 'm' FROM ab_tests, unnest(ARRAY['1', '2', '3']) AS name;
    SELECT set_config('synapse.author', 'grace', true);
    UPDATE ab_tests SET traffic_split = 0.40 WHERE test_name = 'typed';
    COMMIT;
"""
_SHARES = """
    SELECT t.test_name, t.traffic_split, array_agg(v.planned_share_percent ORDER BY v.variant_name)
    FROM ab_tests t JOIN test_variants v USING (test_id) GROUP BY 1, 2 ORDER BY 1
"""


@pytest.fixture
def _newest_shape_again() -> Iterator[None]:
    yield
    _migrate()


def _migrate(*target: str) -> None:
    call_command("migrate", "revenue", *target, database="revenue", verbosity=0)


@pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)
@pytest.mark.usefixtures("_newest_shape_again")
def test_a_database_of_the_old_shape_is_upgraded_taken_back_and_upgraded_again() -> None:
    _migrate("0007")
    execute("revenue", _OLD_ROWS)

    found = []
    for _ in range(2):
        _migrate()
        found.append(rows("revenue", _SHARES))
        _migrate("0007")

    equal, typed = found[0]
    assert (equal[0], equal[2]) == ("default", [None, None, None])
    assert typed == ("typed", Decimal("0.40"), [Decimal("40.00"), Decimal("30.00"), Decimal("30.00")])
    assert found[1] == found[0]
