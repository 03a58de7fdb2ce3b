"""Planned shares on the forms: all variants of a test have one, 100% together, or none has."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from revenue.models import ABTest, ABTestVariant
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.change_log.reverting.revert import revert_changes
from tests.factories import make_ab_test
from tests.integration.revenue.ab_rows import METRIC, make_counted_test, make_won_test
from tests.integration.revenue.admin.ab_tests.form_fields import ADD_PAGE, change_page, errors, new_fields, prefix_of
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.change_log.history import changes_of

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def test_typed_shares_are_stored_and_checked(admin_client: Client) -> None:
    shares = {"variants-0-planned_share_percent": "60", "variants-1-planned_share_percent": "40.00"}

    response = admin_client.post(ADD_PAGE, new_fields(admin_client, **shares))

    assert response.status_code == 302, response.context["errors"]
    variants = ABTestVariant.objects.order_by("position")
    assert list(variants.values_list("planned_share_percent", flat=True)) == [Decimal(60), Decimal(40)]


def _share(test: ABTest, name: str, share: str, fields: dict[str, str]) -> dict[str, str]:
    return {f"{prefix_of(test, name, fields)}planned_share_percent": share}


def test_one_share_changed_alone_is_refused_and_both_together_are_taken(admin_client: Client) -> None:
    test = make_won_test()
    test.variants.update(planned_share_percent=50)
    fields = submitted(admin_client.get(change_page(test)).content.decode())

    refused = admin_client.post(change_page(test), fields | _share(test, "A", "60", fields))
    taken = admin_client.post(
        change_page(test), fields | _share(test, "A", "60", fields) | _share(test, "B", "40", fields)
    )

    assert "The planned shares sum to 110%; they need to sum to 100%." in errors(refused)
    assert taken.status_code == 302
    assert dict(test.variants.values_list("variant_name", "planned_share_percent")) == {"A": 60, "B": 40}
    change = changes_of(test.variants.get(variant_name="A"))[-1]
    assert (change.author, change.new) == ("admin", {"planned_share_percent": 60.00})


def test_emptied_shares_are_equal_again(admin_client: Client) -> None:
    test = make_won_test()
    test.variants.update(planned_share_percent=50)
    fields = submitted(admin_client.get(change_page(test)).content.decode())

    admin_client.post(change_page(test), fields | _share(test, "A", "", fields) | _share(test, "B", "", fields))

    assert set(test.variants.values_list("planned_share_percent", flat=True)) == {None}


def test_shares_that_came_broken_stay_while_something_else_is_edited(admin_client: Client) -> None:
    test = make_won_test()
    test.variants.filter(variant_name="A").update(planned_share_percent=70)
    fields = submitted(admin_client.get(change_page(test)).content.decode())

    response = admin_client.post(change_page(test), fields | {f"{prefix_of(test, 'B', fields)}content": "x"})

    assert response.status_code == 302


@pytest.mark.parametrize("added", ["", "20"])
def test_a_variant_added_to_a_test_with_shares_needs_its_part(admin_client: Client, added: str) -> None:
    test = make_won_test()
    test.variants.update(planned_share_percent=50)
    fields = submitted(admin_client.get(change_page(test)).content.decode())
    fields |= {"variants-TOTAL_FORMS": "3", "variants-2-variant_name": "C", "variants-2-content": "x"}
    fields |= {"variants-2-expected_metric": METRIC, "variants-2-planned_share_percent": added}

    said = errors(admin_client.post(change_page(test), fields))

    assert "sum to 120%" in said if added else "Give every variant a planned share, or none of them" in said
    assert test.variants.count() == 2


def test_removing_a_variant_with_a_share_asks_for_the_others(admin_client: Client) -> None:
    test = make_counted_test((1, 10), (1, 10), (1, 10))
    for name, share in (("A", 50), ("B", 30), ("C", 20)):
        test.variants.filter(variant_name=name).update(planned_share_percent=share)
    fields = submitted(admin_client.get(change_page(test)).content.decode())

    response = admin_client.post(change_page(test), fields | {f"{prefix_of(test, 'C', fields)}DELETE": "on"})

    assert "The planned shares sum to 80%; they need to sum to 100%." in errors(response)
    assert test.variants.count() == 3


def test_the_variants_own_page_keeps_the_shares_of_its_test_whole(admin_client: Client) -> None:
    test = make_won_test()
    test.variants.update(planned_share_percent=50)
    page = reverse("admin:revenue_abtestvariant_change", args=[test.variants.get(variant_name="A").pk])
    fields = submitted(admin_client.get(page).content.decode())

    response = admin_client.post(page, fields | {"planned_share_percent": "60"})

    assert "The planned shares sum to 110%; they need to sum to 100%." in errors(response)
    assert "set them together" in errors(response)
    assert admin_client.post(page, fields | {"content": "x"}).status_code == 302


def test_a_variant_with_a_share_does_not_leave_its_test_behind(admin_client: Client) -> None:
    test, other = make_won_test(), make_ab_test()
    test.variants.update(planned_share_percent=50)
    page = reverse("admin:revenue_abtestvariant_change", args=[test.variants.get(variant_name="A").pk])
    fields = submitted(admin_client.get(page).content.decode())

    response = admin_client.post(page, fields | {"test": str(other.pk), "planned_share_percent": ""})

    assert "Its planned share is part of its old test" in errors(response)


def test_the_traffic_split_is_shown_as_stored_and_edited_by_nobody(admin_client: Client) -> None:
    test = make_won_test(traffic_split="0.25")
    fields = submitted(admin_client.get(change_page(test)).content.decode())

    response = admin_client.post(change_page(test), fields | {"traffic_split": "0.9", "hypothesis": "Other."})

    html = admin_client.get(change_page(test)).content.decode()
    test.refresh_from_db()
    assert response.status_code == 302
    assert test.traffic_split == Decimal("0.25")
    assert "traffic_split" not in fields
    assert "they assign each post to a variant at random, each as likely" in html
    assert "0.25" in html


def _plan(admin_client: Client, test: ABTest, **shares: str) -> None:
    fields = submitted(admin_client.get(change_page(test)).content.decode())
    typed = {key: value for name, share in shares.items() for key, value in _share(test, name, share, fields).items()}
    assert admin_client.post(change_page(test), fields | typed).status_code == 302


def _shares(test: ABTest) -> dict[str, Decimal | None]:
    return dict(test.variants.values_list("variant_name", "planned_share_percent"))


def test_shares_saved_together_are_undone_together(admin_client: Client) -> None:
    test = make_won_test()
    _plan(admin_client, test, A="60", B="40")
    _plan(admin_client, test, A="75", B="25")

    saved = [changes_of(variant)[-1].pk for variant in test.variants.all()]
    revert_changes("revenue", ChangeLogEntry.objects.using("revenue").filter(pk__in=saved))

    assert _shares(test) == {"A": Decimal(60), "B": Decimal(40)}


def test_a_share_reverted_alone_is_told_as_no_plan(admin_client: Client) -> None:
    test = make_won_test()
    _plan(admin_client, test, A="60", B="40")
    _plan(admin_client, test, A="75", B="25")

    change = changes_of(test.variants.get(variant_name="A"))[-1]
    revert_changes("revenue", ChangeLogEntry.objects.using("revenue").filter(pk=change.pk))

    html = admin_client.get(reverse("admin:revenue_abtest_result", args=[test.pk])).content.decode()
    assert "</span> Fix the traffic</h2>" in html
    assert "The planned shares sum to 85%, not to 100%, so the traffic can&#x27;t be checked." in html
    assert "as the winner</button>" not in html


def test_the_timeline_tells_a_share_by_its_name(admin_client: Client) -> None:
    test = make_won_test()
    _plan(admin_client, test, A="60", B="40")
    page = reverse("admin:revenue_abtestvariant_change", args=[test.variants.get(variant_name="A").pk])

    assert "planned share" in admin_client.get(page).content.decode().partition("Timeline")[2].lower()
