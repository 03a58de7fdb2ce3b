"""The form of a test says in a sentence what can't be, and leaves alone what came like that."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from revenue.models import ABTest, ABTestVariant
from tests.factories import make_ab_test, make_variant
from tests.integration.revenue.ab_rows import METRIC, make_counted_test, make_won_test
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.change_log.history import changes_of, told

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_ADD = "/admin/revenue/abtest/add/"


def _page(test: ABTest) -> str:
    return reverse("admin:revenue_abtest_change", args=[test.pk])


def _new(client: Client, **typed: str) -> dict[str, str]:
    """Return the fields of a new test with two variants, as a person types them."""
    fields = submitted(client.get(_ADD).content.decode())
    fields |= {
        "test_name": "Hooks",
        "hypothesis": "Questions work.",
        "element_type": "hook",
        "start_date_0": "2025-01-20",
        "start_date_1": "07:00:00",
    }
    for place, name in enumerate(("Zebra", "Ant")):
        prefix = f"variants-{place}-"
        fields |= {f"{prefix}variant_name": name, f"{prefix}content": "Why?", f"{prefix}expected_metric": METRIC}
    return fields | typed


def _errors(response: Any) -> str:
    assert response.status_code == 200
    html: str = response.content.decode()
    return html


def _prefix(test: ABTest, name: str, fields: dict[str, str]) -> str:
    key = str(test.variants.get(variant_name=name).pk)
    return next(field for field, value in fields.items() if value == key).removesuffix("variant_id")


def test_a_new_test_has_two_variants_in_the_order_they_were_typed(admin_client: Client) -> None:
    response = admin_client.post(_ADD, _new(admin_client))

    assert response.status_code == 302, response.context["errors"]
    variants = ABTestVariant.objects.order_by("position")
    assert list(variants.values_list("position", "variant_name")) == [(1, "Zebra"), (2, "Ant")]
    assert set(variants.values_list("element_type", flat=True)) == {"hook"}
    assert told(ABTest.objects.get()) == [("insert", "admin")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"traffic_split": "1.5"}, "The control&#x27;s share lies between 0 and 1"),
        ({"traffic_split": "-0.1"}, "The control&#x27;s share lies between 0 and 1"),
        ({"confidence_threshold": "0.4"}, "The confidence is at least 0.5 and under 1"),
        ({"minimum_sample_size": "0"}, "A variant needs at least one impression"),
        ({"end_date_0": "2025-01-19", "end_date_1": "07:00:00"}, "The test can&#x27;t end before it starts"),
        ({"variants-1-variant_name": "Zebra"}, "Two variants of this test have the same name"),
        (
            {"variants-0-impressions": "3", "variants-0-engagement_actions": "4"},
            "4 engagement actions out of 3 impressions",
        ),
        ({"variants-1-consultation_requests": "1"}, "1 consultation request out of 0 impressions is not a rate"),
        ({"variants-0-impressions": "-1"}, "A count is never below nought"),
        ({"variants-0-expected_metric": "typo"}, "Select a valid choice"),
    ],
)
def test_what_can_not_be_is_refused_in_a_sentence(admin_client: Client, typed: dict[str, str], sentence: str) -> None:
    response = admin_client.post(_ADD, _new(admin_client, **typed))

    assert sentence in _errors(response)
    assert not ABTest.objects.exists()


def test_one_variant_is_no_test(admin_client: Client) -> None:
    fields = _new(admin_client)
    second = {name: "" for name in fields if name.startswith("variants-1-")}

    response = admin_client.post(_ADD, fields | second | {"variants-TOTAL_FORMS": "1"})

    assert "at least two variants, the control first" in _errors(response)
    assert not ABTest.objects.exists()


def test_taking_the_second_variant_away_is_refused(admin_client: Client) -> None:
    test = make_won_test()
    fields = submitted(admin_client.get(_page(test)).content.decode())

    response = admin_client.post(_page(test), fields | {f"{_prefix(test, 'B', fields)}DELETE": "on"})

    assert "at least two variants" in _errors(response)
    assert test.variants.count() == 2


def test_counts_that_came_like_that_stay(admin_client: Client) -> None:
    test = make_counted_test((9, 3), (1, 10), traffic_split="1.50", minimum_sample_size=-4)
    fields = submitted(admin_client.get(_page(test)).content.decode())

    response = admin_client.post(
        _page(test), fields | {"hypothesis": "Answers work.", f"{_prefix(test, 'A', fields)}content": "x"}
    )

    assert response.status_code == 302
    assert changes_of(test)[-1].new == {"hypothesis": "Answers work."}


def test_touching_one_such_count_asks_to_mend_it(admin_client: Client) -> None:
    test = make_counted_test((9, 3), (1, 10))
    fields = submitted(admin_client.get(_page(test)).content.decode())

    response = admin_client.post(_page(test), fields | {f"{_prefix(test, 'A', fields)}impressions": "5"})

    assert "9 consultation requests out of 5 impressions is not a rate" in _errors(response)


def test_a_good_count_can_be_typed_beside_an_untouched_bad_one(admin_client: Client) -> None:
    test = make_counted_test((0, 3), (1, 10))
    test.variants.filter(variant_name="A").update(engagement_actions=9)
    fields = submitted(admin_client.get(_page(test)).content.decode())

    response = admin_client.post(_page(test), fields | {f"{_prefix(test, 'A', fields)}consultation_requests": "2"})

    assert response.status_code == 302
    assert test.variants.get(variant_name="A").consultation_requests == 2


def test_nobody_makes_a_winner_by_typing(admin_client: Client) -> None:
    test = make_won_test()
    fields = submitted(admin_client.get(_page(test)).content.decode())
    prefix = _prefix(test, "B", fields)

    admin_client.post(
        _page(test),
        fields
        | {"winning_variant": "B", "improvement_rate": "1", f"{prefix}is_winner": "on", f"{prefix}impressions": "999"},
    )

    test.refresh_from_db()
    assert (test.winning_variant, test.improvement_rate) == (None, Decimal(0))
    assert not test.variants.filter(is_winner=True).exists()
    assert test.variants.filter(impressions=999).exists()


def test_a_variant_added_later_comes_last(admin_client: Client) -> None:
    test = make_won_test()
    fields = submitted(admin_client.get(_page(test)).content.decode())
    fields |= {"variants-TOTAL_FORMS": "3", "variants-2-variant_name": "0", "variants-2-content": "x"}

    response = admin_client.post(_page(test), fields | {"variants-2-expected_metric": METRIC})

    assert response.status_code == 302, response.context["errors"]
    assert list(test.variants.order_by("position").values_list("variant_name", flat=True)) == ["A", "B", "0"]


def test_no_room_after_the_highest_order_is_said_in_a_sentence(admin_client: Client) -> None:
    test = make_won_test()
    test.variants.filter(variant_name="B").update(position=32767)
    fields = submitted(admin_client.get(_page(test)).content.decode())
    fields |= {"variants-TOTAL_FORMS": "3", "variants-2-variant_name": "0", "variants-2-content": "x"}
    fields |= {"variants-2-expected_metric": METRIC}

    said = _errors(admin_client.post(_page(test), fields))

    assert "32,767 is the highest order there is, and another variant has it. Give this one an order of its own" in said
    assert test.variants.count() == 2
    assert admin_client.post(_page(test), fields | {"variants-2-position": "3"}).status_code == 302


def test_the_form_lists_the_control_first_and_leads_to_the_result(admin_client: Client) -> None:
    test = make_ab_test()
    make_variant(test=test, variant_name="Ant", position=2)
    make_variant(test=test, variant_name="Zebra", position=1)

    html = admin_client.get(_page(test)).content.decode()

    variants = html.partition('id="variants-group"')[2]
    assert variants.index("Zebra</textarea>") < variants.index("Ant</textarea>")
    assert f'href="{reverse("admin:revenue_abtest_result", args=[test.pk])}"' in html
