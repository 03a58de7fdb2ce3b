"""An import of tests and variants keeps to what their pages let a person type: no winner comes from a file."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from revenue.models import ABTest, ABTestVariant
from tests.factories import make_ab_test, make_variant
from tests.integration.synapse.kit.import_export.files import (
    confirm,
    counts,
    csv_file,
    exported,
    lines,
    problems,
    upload,
)

pytestmark = pytest.mark.django_db(databases=["default", "revenue"])

NEW_TEST = {"test_name": "New", "hypothesis": "h", "element_type": "cta", "start_date": "2025-08-01T09:00:00+03:00"}
NEW_VARIANT = {"element_type": "cta", "content": "c", "expected_metric": "consultation_requests", "variant_name": "N"}


@pytest.fixture(autouse=True)
def upload_dir(settings: LazySettings, tmp_path: Path) -> None:
    settings.UPLOAD_DIR = tmp_path


@pytest.mark.parametrize(
    ("column", "value"),
    [("winning_variant", "B"), ("improvement_rate", "9.9"), ("statistical_significance", "0.99")],
)
def test_a_new_test_with_a_decision_is_refused(admin_client: Client, column: str, value: str) -> None:
    page = upload(admin_client, ABTest, csv_file(NEW_TEST | {column: value}))

    (problem,) = problems(page)[2]
    assert problem == (
        f"{column}: expected nothing, for only a confirmation on the test's result page writes it, found “{value}”."
        " Empty this cell, or leave the column out."
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("is_winner", "true"),
        ("engagement_rate", "0.5"),
        ("consultation_conversion", "0.5"),
        ("confidence_level", "0.99"),
    ],
)
def test_a_new_variant_with_a_decision_or_a_stored_rate_is_refused(
    admin_client: Client, column: str, value: str
) -> None:
    row = NEW_VARIANT | {"test": str(make_ab_test().pk), column: value}

    page = upload(admin_client, ABTestVariant, csv_file(row))

    assert problems(page)[2][0].startswith(f"{column}: expected nothing, for only ")


def test_an_undecided_test_comes_back_from_its_export(admin_client: Client) -> None:
    test = make_ab_test()
    variant = make_variant(test=test)
    tests, variants = exported(admin_client, ABTest), exported(admin_client, ABTestVariant)
    variant.delete()
    test.delete()

    confirm(admin_client, upload(admin_client, ABTest, tests))
    confirm(admin_client, upload(admin_client, ABTestVariant, variants))

    found = ABTestVariant.objects.get()
    assert (found.is_winner, found.test and found.test.improvement_rate) == (False, Decimal(0))
    assert (lines(exported(admin_client, ABTest)), lines(exported(admin_client, ABTestVariant))) == (
        lines(tests),
        lines(variants),
    )


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            {"impressions": "10", "consultation_requests": "11"},
            "consultation_requests: 11 consultation requests out of 10 impressions is not a rate.",
        ),
        (
            {"impressions": "", "engagement_actions": "1"},
            "engagement_actions: 1 engagement action out of 0 impressions is not a rate.",
        ),
        ({"impressions": "-1"}, "impressions: A count is never below nought."),
    ],
)
def test_a_new_variant_keeps_the_forms_rules(admin_client: Client, cells: dict[str, str], said: str) -> None:
    row = NEW_VARIANT | {"test": str(make_ab_test().pk)} | cells

    page = upload(admin_client, ABTestVariant, csv_file(row))

    assert problems(page)[2][0].startswith(said)


def test_a_stored_variant_keeps_the_forms_rules_in_what_the_file_changes(admin_client: Client) -> None:
    old = make_variant(impressions=10, consultation_requests=2)
    odd = make_variant(impressions=1, consultation_requests=5, test=old.test, variant_name="odd")
    file = csv_file(
        {"variant_id": str(old.pk), "content": "c", "consultation_requests": "11"},
        {"variant_id": str(odd.pk), "content": "mended", "consultation_requests": "5"},
    )

    page = upload(admin_client, ABTestVariant, file)

    assert counts(page) == {"changed": 1, "error": 1}
    assert problems(page)[2][0].startswith("consultation_requests: 11 consultation requests out of 10 impressions")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"confidence_threshold": "0.1"}, "confidence_threshold: The confidence is at least 0.5"),
        ({"minimum_sample_size": "0"}, "minimum_sample_size: A variant needs at least one impression"),
        (
            {"end_date": "2025-07-01T09:00:00+03:00"},
            "end_date: The test can't end before it starts, on 2025-08-01 09:00.",
        ),
    ],
)
def test_a_new_test_keeps_the_forms_rules(admin_client: Client, cells: dict[str, str], said: str) -> None:
    page = upload(admin_client, ABTest, csv_file(NEW_TEST | cells))

    assert problems(page)[2][0].startswith(said)


def test_a_new_test_with_a_split_of_its_own_is_refused(admin_client: Client) -> None:
    page = upload(admin_client, ABTest, csv_file(NEW_TEST | {"traffic_split": "0.3"}))

    (problem,) = problems(page)[2]
    assert problem.startswith("traffic_split: expected nothing, for only an import of the legacy file writes it")


def test_planned_shares_come_back_from_their_export(admin_client: Client) -> None:
    test = make_ab_test()
    rows = [make_variant(test=test, planned_share_percent=share) for share in ("33.33", "66.67")]
    file = exported(admin_client, ABTestVariant)
    for row in rows:
        row.delete()

    confirm(admin_client, upload(admin_client, ABTestVariant, file))

    shares = test.variants.order_by("planned_share_percent").values_list("planned_share_percent", flat=True)
    assert list(shares) == [Decimal("33.33"), Decimal("66.67")]
    assert lines(exported(admin_client, ABTestVariant)) == lines(file)


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        (("60", "30"), "planned_share_percent: The planned shares sum to 90%; they need to sum to 100%."),
        (("60", ""), "planned_share_percent: Give every variant a planned share, or none of them"),
    ],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_shares_of_a_file_that_are_no_plan_are_refused(
    admin_client: Client,
    shares: tuple[str, str],
    said: str,
    is_new: bool,  # noqa: FBT001
) -> None:
    test = make_ab_test()
    if is_new:
        rows = [NEW_VARIANT | {"test": str(test.pk), "variant_name": name} for name in "AB"]
    else:
        made = [make_variant(test=test, planned_share_percent=50) for _ in range(2)]
        rows = [{"variant_id": str(row.pk)} for row in made]
    file = csv_file(*(row | {"planned_share_percent": share} for row, share in zip(rows, shares, strict=True)))

    page = upload(admin_client, ABTestVariant, file)

    assert counts(page) == {"error": 2}
    assert problems(page)[2][0].startswith(said)


def test_shares_are_summed_with_those_of_variants_the_file_leaves_out(admin_client: Client) -> None:
    test = make_ab_test()
    one, other = (make_variant(test=test, planned_share_percent=50) for _ in range(2))

    alone = upload(admin_client, ABTestVariant, csv_file({"variant_id": str(one.pk), "planned_share_percent": "60"}))
    both = upload(
        admin_client,
        ABTestVariant,
        csv_file(
            {"variant_id": str(one.pk), "planned_share_percent": "60"},
            {"variant_id": str(other.pk), "planned_share_percent": "40"},
        ),
    )

    assert problems(alone)[2][0].startswith("planned_share_percent: The planned shares sum to 110%")
    assert counts(both) == {"changed": 2}


@pytest.mark.parametrize("share", ["0", "100.01", "-5", "a third"])
def test_a_share_out_of_range_is_refused(admin_client: Client, share: str) -> None:
    row = NEW_VARIANT | {"test": str(make_ab_test().pk), "planned_share_percent": share}

    page = upload(admin_client, ABTestVariant, csv_file(row))

    assert problems(page)[2][0].startswith("planned_share_percent: ")
