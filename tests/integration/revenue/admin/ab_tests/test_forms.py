"""The form of a test says in a sentence what can't be, and leaves alone what came like that."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from revenue.models import ABTest, ABTestVariant
from tests.factories import make_ab_test, make_variant
from tests.integration.revenue.ab_rows import METRIC, make_counted_test, make_won_test
from tests.integration.revenue.admin.ab_tests.form_fields import ADD_PAGE, change_page, errors, new_fields, prefix_of
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.change_log.history import changes_of, told

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def test_a_new_test_has_two_variants_in_the_order_they_were_typed(admin_client: Client) -> None:
    response = admin_client.post(ADD_PAGE, new_fields(admin_client))

    assert response.status_code == 302, response.context["errors"]
    variants = ABTestVariant.objects.order_by("position")
    assert list(variants.values_list("position", "variant_name")) == [(1, "Zebra"), (2, "Ant")]
    assert set(variants.values_list("element_type", flat=True)) == {"hook"}
    assert told(ABTest.objects.get()) == [("insert", "admin")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            {"variants-0-planned_share_percent": "60", "variants-1-planned_share_percent": "30"},
            "The planned shares sum to 90%; they need to sum to 100%. Empty all of them for equal shares.",
        ),
        (
            {"variants-0-planned_share_percent": "33.33", "variants-1-planned_share_percent": "66.68"},
            "The planned shares sum to 100.01%; they need to sum to 100%.",
        ),
        ({"variants-0-planned_share_percent": "60"}, "Give every variant a planned share, or none of them"),
        (
            {"variants-0-planned_share_percent": "0", "variants-1-planned_share_percent": "100"},
            "A planned share is above 0 and under 100%",
        ),
        ({"variants-0-planned_share_percent": "-1"}, "A planned share is above 0 and under 100%"),
        ({"variants-0-planned_share_percent": "0.001"}, "no more than 2 decimal places"),
        ({"variants-0-planned_share_percent": "half"}, "Enter a number."),
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
    response = admin_client.post(ADD_PAGE, new_fields(admin_client, **typed))

    assert sentence in errors(response)
    assert not ABTest.objects.exists()


def test_one_variant_is_no_test(admin_client: Client) -> None:
    fields = new_fields(admin_client)
    second = {name: "" for name in fields if name.startswith("variants-1-")}

    response = admin_client.post(ADD_PAGE, fields | second | {"variants-TOTAL_FORMS": "1"})

    assert "at least two variants, the control first" in errors(response)
    assert not ABTest.objects.exists()


def test_taking_the_second_variant_away_is_refused(admin_client: Client) -> None:
    test = make_won_test()
    fields = submitted(admin_client.get(change_page(test)).content.decode())

    response = admin_client.post(change_page(test), fields | {f"{prefix_of(test, 'B', fields)}DELETE": "on"})

    assert "at least two variants" in errors(response)
    assert test.variants.count() == 2


def test_counts_that_came_like_that_stay(admin_client: Client) -> None:
    test = make_counted_test((9, 3), (1, 10), traffic_split="1.50", minimum_sample_size=-4)
    fields = submitted(admin_client.get(change_page(test)).content.decode())

    response = admin_client.post(
        change_page(test), fields | {"hypothesis": "Answers work.", f"{prefix_of(test, 'A', fields)}content": "x"}
    )

    assert response.status_code == 302
    assert changes_of(test)[-1].new == {"hypothesis": "Answers work."}


def test_touching_one_such_count_asks_to_mend_it(admin_client: Client) -> None:
    test = make_counted_test((9, 3), (1, 10))
    fields = submitted(admin_client.get(change_page(test)).content.decode())

    response = admin_client.post(change_page(test), fields | {f"{prefix_of(test, 'A', fields)}impressions": "5"})

    assert "9 consultation requests out of 5 impressions is not a rate" in errors(response)


def test_a_good_count_can_be_typed_beside_an_untouched_bad_one(admin_client: Client) -> None:
    test = make_counted_test((0, 3), (1, 10))
    test.variants.filter(variant_name="A").update(engagement_actions=9)
    fields = submitted(admin_client.get(change_page(test)).content.decode())

    response = admin_client.post(
        change_page(test), fields | {f"{prefix_of(test, 'A', fields)}consultation_requests": "2"}
    )

    assert response.status_code == 302
    assert test.variants.get(variant_name="A").consultation_requests == 2


def test_nobody_makes_a_winner_by_typing(admin_client: Client) -> None:
    test = make_won_test()
    fields = submitted(admin_client.get(change_page(test)).content.decode())
    prefix = prefix_of(test, "B", fields)

    admin_client.post(
        change_page(test),
        fields
        | {"winning_variant": "B", "improvement_rate": "1", f"{prefix}is_winner": "on", f"{prefix}impressions": "999"},
    )

    test.refresh_from_db()
    assert (test.winning_variant, test.improvement_rate) == (None, Decimal(0))
    assert not test.variants.filter(is_winner=True).exists()
    assert test.variants.filter(impressions=999).exists()


def test_a_variant_added_later_comes_last(admin_client: Client) -> None:
    test = make_won_test()
    fields = submitted(admin_client.get(change_page(test)).content.decode())
    fields |= {"variants-TOTAL_FORMS": "3", "variants-2-variant_name": "0", "variants-2-content": "x"}

    response = admin_client.post(change_page(test), fields | {"variants-2-expected_metric": METRIC})

    assert response.status_code == 302, response.context["errors"]
    assert list(test.variants.order_by("position").values_list("variant_name", flat=True)) == ["A", "B", "0"]


def test_no_room_after_the_highest_order_is_said_in_a_sentence(admin_client: Client) -> None:
    test = make_won_test()
    test.variants.filter(variant_name="B").update(position=32767)
    fields = submitted(admin_client.get(change_page(test)).content.decode())
    fields |= {"variants-TOTAL_FORMS": "3", "variants-2-variant_name": "0", "variants-2-content": "x"}
    fields |= {"variants-2-expected_metric": METRIC}

    said = errors(admin_client.post(change_page(test), fields))

    assert "32,767 is the highest order there is, and another variant has it. Give this one an order of its own" in said
    assert test.variants.count() == 2
    assert admin_client.post(change_page(test), fields | {"variants-2-position": "3"}).status_code == 302


def test_the_form_lists_the_control_first_and_leads_to_the_result(admin_client: Client) -> None:
    test = make_ab_test()
    make_variant(test=test, variant_name="Ant", position=2)
    make_variant(test=test, variant_name="Zebra", position=1)

    html = admin_client.get(change_page(test)).content.decode()

    variants = html.partition('id="variants-group"')[2]
    assert variants.index("Zebra</textarea>") < variants.index("Ant</textarea>")
    assert f'href="{reverse("admin:revenue_abtest_result", args=[test.pk])}"' in html
