"""The form of an inquiry: adding one by hand, marking its next action done, what stands below it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from business_core.models import BusinessPipeline, ConsultationInquiry, Post
from tests.factories import make_inquiry, make_pipeline_month, make_post
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.change_log.history import changes_of

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

ADD = reverse("admin:business_core_consultationinquiry_add")
DONE = {"business_core_consultationinquiry_mark_done": ""}
_LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def _page(row: Any) -> str:
    return reverse(f"admin:business_core_{row._meta.model_name}_change", args=[row.pk])


def _html(client: Client, row: Any) -> str:
    return client.get(_page(row)).content.decode()


def _save(client: Client, row: Any, **typed: str) -> None:
    response = client.post(_page(row), submitted(_html(client, row)) | typed)
    assert response.status_code == 302, response.context["adminform"].form.errors


def test_adding_asks_for_no_key_and_no_source(admin_client: Client) -> None:
    fields = submitted(admin_client.get(ADD).content.decode())
    assert not {"external_inquiry_id", "data_source"} & set(fields)

    typed = {"contact_name": "Ada", "inquiry_type": "architecture", "inquiry_channel": "email"}
    response = admin_client.post(ADD, fields | typed)

    assert response.status_code == 302, response.context["adminform"].form.errors
    inquiry = ConsultationInquiry.objects.get()
    assert (inquiry.external_inquiry_id, inquiry.data_source) == (f"synapse-{inquiry.pk}", "synapse")
    assert (inquiry.status, inquiry.created_at is None) == ("new", False)


def test_two_added_posts_get_keys_of_their_own(admin_client: Client) -> None:
    page = reverse("admin:business_core_post_add")
    for _ in range(2):
        fields = submitted(admin_client.get(page).content.decode())
        typed = {"content": "Text", "posted_at_0": "2025-08-19", "posted_at_1": "08:00:00", "platform": "linkedin"}
        response = admin_client.post(page, fields | typed)
        assert response.status_code == 302, response.context["adminform"].form.errors

    assert {post.external_post_id for post in Post.objects.all()} == {f"synapse-{p.pk}" for p in Post.objects.all()}


def test_key_and_source_are_shown_and_can_not_be_typed(admin_client: Client) -> None:
    inquiry = make_inquiry(external_inquiry_id="comment-1", data_source="week3")

    _save(admin_client, inquiry, external_inquiry_id="other", data_source="other")

    assert len(changes_of(inquiry)) == 1
    assert "comment-1" in _html(admin_client, inquiry)


def test_edit_moves_updated_at_of_inquiries_and_months_but_not_of_posts(admin_client: Client) -> None:
    inquiry, month = make_inquiry(updated_at=_LONG_AGO), make_pipeline_month(updated_at=_LONG_AGO)
    post = make_post(updated_at=_LONG_AGO)

    _save(admin_client, inquiry, notes="Called")
    _save(admin_client, month, total_posts="4")
    _save(admin_client, post, likes="4")

    assert ConsultationInquiry.objects.get().updated_at != _LONG_AGO
    assert BusinessPipeline.objects.get().updated_at != _LONG_AGO
    assert Post.objects.get().updated_at == _LONG_AGO


def test_marking_done_saves_the_form_and_clears_the_next_action_at_once(admin_client: Client) -> None:
    inquiry = make_inquiry(next_action="Call", next_action_due_date=date(2025, 9, 1))

    _save(admin_client, inquiry, notes="They want a proposal", **DONE)

    inquiry.refresh_from_db()
    done = (inquiry.notes, inquiry.next_action, inquiry.next_action_due_date)
    assert done == ("They want a proposal", None, None)
    assert len({entry.transaction_id for entry in changes_of(inquiry)[1:]}) == 1


@pytest.mark.parametrize("theirs", [{"next_action": "Write"}, {"next_action_due_date": date(2025, 9, 3)}])
def test_marking_done_leaves_an_action_nobody_saw(admin_client: Client, theirs: dict[str, Any]) -> None:
    inquiry = make_inquiry(next_action="Call", next_action_due_date=date(2025, 9, 1))
    fields = submitted(_html(admin_client, inquiry))
    ConsultationInquiry.objects.update(**theirs)

    page = admin_client.post(_page(inquiry), fields | {"notes": "Mine"} | DONE, follow=True).content.decode()

    inquiry.refresh_from_db()
    planned = {"next_action": inquiry.next_action, "next_action_due_date": inquiry.next_action_due_date}
    assert planned == {"next_action": "Call", "next_action_due_date": date(2025, 9, 1)} | theirs
    assert inquiry.notes == "Mine"
    assert "The next action of Ada Example was left as it is" in page


def test_marking_done_finishes_what_this_person_typed(admin_client: Client) -> None:
    inquiry = make_inquiry(next_action="Call")

    _save(admin_client, inquiry, next_action="Called twice", **DONE)

    inquiry.refresh_from_db()
    assert inquiry.next_action is None


def test_button_stands_only_where_something_is_to_be_done(admin_client: Client) -> None:
    busy, idle = make_inquiry(next_action="Call"), make_inquiry()

    assert "mark_done" in _html(admin_client, busy)
    assert "mark_done" not in _html(admin_client, idle)


def test_panels_show_look_alikes_and_the_source_post(admin_client: Client) -> None:
    post = make_post(content="<i>A post</i> \u202e", impressions=1234)
    same = {"contact_name": "Sarah", "company": "Unknown", "inquiry_text": "Help", "source_post": post}
    inquiry, twin = make_inquiry(**same), make_inquiry(**same, estimated_value=777)

    html = _html(admin_client, inquiry)

    assert "Looks like 1 other:" in html
    assert _page(twin) in html
    assert "1,234" in html
    assert "&lt;i&gt;A post" in html
    assert "\u202e" not in html.replace(submitted(html).get("source_post", ""), "")


def test_who_may_not_see_posts_sees_no_post_beside_an_inquiry(client: Client) -> None:
    inquiry = make_inquiry(source_post=make_post(content="Hidden words"))
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_consultationinquiry"))
    client.force_login(clerk)

    html = _html(client, inquiry)

    assert "Hidden words" not in html
    assert "mark_done" not in html
