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
        ({"traffic_split": "1"}, "traffic_split: The control's share lies between 0 and 1, for example 0.5"),
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
