"""The buttons of the result page: POST, by who may, with a way back."""

import pytest
from django.test import Client
from django.urls import reverse

from revenue.ab_testing.judged import load_judged_test
from revenue.models import ABTest
from tests.factories import MOMENT
from tests.integration.revenue.ab_rows import make_counted_test, make_won_test, variant_named
from tests.integration.synapse.kit.change_log.history import changes_of, told
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_VERBS = ["confirm", "complete", "reopen"]


def _page(test: ABTest, verb: str) -> str:
    return reverse(f"admin:revenue_abtest_{verb}", args=[test.pk])


def _seen(test: ABTest) -> dict[str, str]:
    fingerprint = load_judged_test(ABTest.objects.get(pk=test.pk), now=MOMENT).fingerprint
    return {"seen": fingerprint, "variant": str(variant_named(test, "B").pk)}


def test_a_confirmation_says_what_it_did_and_how_to_undo_it(client: Client) -> None:
    client.force_login(clerk("change_abtest", "change_abtestvariant", name="grace"))
    test = make_won_test(test_name="<i>Hooks</i>")

    html = client.post(_page(test, "confirm"), _seen(test), follow=True).content.decode()

    assert "B is confirmed as the winner of “&lt;i&gt;Hooks&lt;/i&gt;”." in html
    assert f'href="/admin/changes/revenue/{changes_of(test)[-1].transaction_id}/' in html
    assert told(test)[-1] == told(variant_named(test, "B"))[-1] == ("update", "grace")


def test_numbers_that_changed_meanwhile_are_shown_instead(admin_client: Client) -> None:
    test = make_won_test()
    seen = _seen(test)
    test.variants.filter(variant_name="B").update(consultation_requests=21)

    html = admin_client.post(_page(test, "confirm"), seen, follow=True).content.decode()

    assert "The test has changed since you opened its result; these are the numbers now." in html
    assert "No difference worth finding" in html
    assert ABTest.objects.get().winning_variant is None


@pytest.mark.parametrize("verb", _VERBS)
def test_looking_at_a_verb_is_refused(admin_client: Client, verb: str) -> None:
    assert admin_client.get(_page(make_won_test(), verb)).status_code == 405


@pytest.mark.parametrize("verb", _VERBS)
@pytest.mark.parametrize("missing", ["change_abtest", "change_abtestvariant"])
def test_a_verb_needs_both_permissions(client: Client, verb: str, missing: str) -> None:
    held = {"view_abtest", "view_abtestvariant", "change_abtest", "change_abtestvariant"} - {missing}
    client.force_login(clerk(*held))
    test = make_won_test(status="completed" if verb == "reopen" else "active")

    assert client.post(_page(test, verb), _seen(test)).status_code == 403
    assert told(test) == [("insert", None)]


@pytest.mark.parametrize("verb", _VERBS)
def test_a_verb_from_another_site_is_refused(verb: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk("change_abtest", "change_abtestvariant"))
    test = make_won_test()

    assert client.post(_page(test, verb), _seen(test)).status_code == 403
    assert told(test) == [("insert", None)]


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    response = client.post(_page(make_won_test(), "confirm"))

    assert (response.status_code, response.headers["Location"].partition("?")[0]) == (302, "/admin/login/")


def test_a_confirmation_of_nobody_is_a_bad_request(admin_client: Client) -> None:
    assert admin_client.post(_page(make_won_test(), "confirm"), {"variant": "B"}).status_code == 400


def test_a_running_test_with_a_stored_winner_offers_to_take_it_back(admin_client: Client) -> None:
    test = make_won_test(winning_variant="B")
    page = reverse("admin:revenue_abtest_result", args=[test.pk])
    assert "Take the stored winner back</button>" in admin_client.get(page).content.decode()

    html = admin_client.post(_page(test, "reopen"), _seen(test), follow=True).content.decode()

    assert "is stored any more." in html
    assert "Take the stored winner back" not in html
    assert ABTest.objects.get().winning_variant is None


@pytest.mark.parametrize("stored", [{"winning_variant": "deleted"}, {}])
def test_a_winner_that_is_named_badly_can_be_taken_back_too(admin_client: Client, stored: dict[str, str]) -> None:
    test = make_won_test(**stored)
    if not stored:
        test.variants.filter(variant_name="B").update(is_winner=True)

    html = admin_client.get(reverse("admin:revenue_abtest_result", args=[test.pk])).content.decode()

    assert "Take the stored winner back</button>" in html


def test_a_completed_test_offers_to_reopen_it_and_nothing_else(admin_client: Client) -> None:
    test = make_counted_test((20, 1000), (60, 1000))
    admin_client.post(_page(test, "confirm"), _seen(test))

    html = admin_client.get(reverse("admin:revenue_abtest_result", args=[test.pk])).content.decode()

    assert "Reopen and take the winner back" in html
    assert "as the winner</button>" not in html
    assert "Complete without" not in html
