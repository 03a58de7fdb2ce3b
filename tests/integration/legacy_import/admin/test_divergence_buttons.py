"""The buttons of the divergences' page, and who may press them."""

import pytest
from django.test import Client

from business_core.models import Post
from legacy_import.models import Divergence
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.integration.legacy_import.admin.archive_pages import clerk
from tests.integration.legacy_import.admin.divergence_pages import (
    DECIDE,
    line_of,
    page_of,
    press,
    told,
)

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

HOSTILE = "<script>alert('x')</script>\u202e\x1b[2J"
CHOOSER = ("view_businesscoredivergence", "choose_divergence")


def test_taking_the_other_and_undoing_it_in_the_browsers_way(admin_client: Client, likes: Divergence) -> None:
    taken = press(admin_client, page_of(admin_client, source="duplicate"), "other", one=likes).content.decode()

    assert told(taken) == "Took the other value: Likes. See or undo it"
    assert str(likes.pk) not in taken
    assert Post.objects.get(pk=likes.target_key).likes == 7
    decided = page_of(admin_client, decision="decided", q=str(likes.target_key))
    line = line_of(decided, likes)
    assert line.startswith("Likes Here admin, ")
    assert "primary says 5. Taken from duplicate, in place of 5, by admin on " in line
    assert line.endswith(". Undo")

    undone = press(admin_client, decided, "undo", one=likes).content.decode()

    assert told(undone) == "Undecided again: Likes."
    assert Post.objects.get(pk=likes.target_key).likes == 5
    assert line_of(page_of(admin_client), likes).startswith("Likes Here primary 5 ")


def test_the_ticked_ones_are_decided_together_and_the_list_stays_filtered(
    admin_client: Client, likes: Divergence
) -> None:
    every = list(Divergence.objects.using("default"))

    response = press(admin_client, page_of(admin_client, source="duplicate"), "kept", *every)

    assert told(response.content.decode()) == f"Kept what is here: {len(every)} fields. See or undo it"
    assert response.request["QUERY_STRING"] == "source=duplicate"  # type: ignore[attr-defined]  # of the test client
    assert "No divergence is found here." in response.content.decode()
    assert {one.choice for one in Divergence.objects.using("default")} == {"kept"}


def test_a_stale_page_is_refused_with_the_new_values(admin_client: Client, likes: Divergence) -> None:
    html = page_of(admin_client)
    with attribute_changes_to("ada"):
        Post.objects.filter(pk=likes.target_key).update(likes=9)

    answer = press(admin_client, html, "kept", one=likes).content.decode()

    assert told(answer).startswith("Nothing was changed. Likes of “")
    assert "here is now 9, duplicate says 7. Choose again." in told(answer)
    assert " 9 The other duplicate 7 " in line_of(answer, likes)


def test_nothing_ticked_is_said(admin_client: Client, likes: Divergence) -> None:
    answer = press(admin_client, page_of(admin_client), "other").content.decode()

    assert told(answer) == "Nothing was ticked, so nothing was decided."


def test_enter_instead_of_a_button_decides_nothing(admin_client: Client, likes: Divergence) -> None:
    html = page_of(admin_client)
    verb = html.partition('name="decide" value="')[2].partition('"')[0]

    answer = press(admin_client, html, verb, likes).content.decode()

    assert told(answer) == "Nothing was decided: press one of the buttons."
    likes.refresh_from_db()
    assert likes.choice == ""


@pytest.mark.parametrize("decide", ["", "drop", "kept:1", "other:x' OR 1=1"])
def test_a_made_up_button_is_a_bad_request(admin_client: Client, likes: Divergence, decide: str) -> None:
    assert admin_client.post(DECIDE, {"decide": decide}).status_code == 400


def test_deciding_needs_a_post_the_permission_and_a_token(client: Client, likes: Divergence) -> None:
    form = {"decide": f"other:{likes.pk}"}
    assert client.post(DECIDE, form).status_code == 302
    for permissions in (("view_businesscoredivergence",), ("choose_divergence",), ("view_analyticsdivergence",)):
        user = clerk(*permissions)
        client.force_login(user)
        assert client.post(DECIDE, form).status_code == 403
        user.delete()
    chooser = clerk(*CHOOSER)
    client.force_login(chooser)
    assert client.get(DECIDE, form).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(chooser)
    assert strict.post(DECIDE, form).status_code == 403
    assert not Divergence.objects.using("default").exclude(choice="").exists()


def test_the_chooser_is_the_author(client: Client, likes: Divergence) -> None:
    client.force_login(clerk(*CHOOSER))

    press(client, page_of(client), "other", one=likes)

    likes.refresh_from_db()
    assert likes.chosen_by == "clerk"
    assert page_of(client, decision="decided").count("clerk") >= 2
