"""Deleting one row or many: what the page says, what it carries, what goes along, and the way back."""

import re
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from business_core.models import ConsultationInquiry, Post
from revenue.models import ABTest, ABTestVariant
from synapse.foundation.databases import BUSINESS_CORE, REVENUE
from tests.factories import make_ab_test, make_inquiry, make_post, make_variant
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import told
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=[BUSINESS_CORE, REVENUE])

_INQUIRIES = "/admin/business_core/consultationinquiry/"
_POSTS = "/admin/business_core/post/"
_TESTS = "/admin/revenue/abtest/"


def _inquiries(number: int) -> None:
    ConsultationInquiry.objects.bulk_create(
        ConsultationInquiry(
            external_inquiry_id=f"d{i}", contact_name=f"Person {i:05}", inquiry_type="architecture",
            inquiry_channel="email", data_source="t",
        )
        for i in range(number)
    )  # fmt: skip


def _ask(client: Client, page: str, *rows: Any, across: bool = False) -> Any:
    keys = [str(row.pk) for row in rows]
    asked = {"action": "delete_selected", "_selected_action": keys, "select_across": str(int(across)), "index": "0"}
    return client.post(page, asked)


def _confirm(client: Client, page: str, asked: Any) -> Any:
    """Send what the page carries, as its button does."""
    form = re.search(r'<form method="post" action=".*?</form>', asked.content.decode(), re.DOTALL)
    assert form is not None
    sent: dict[str, list[str]] = {"post": ["yes"]}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]):
        sent.setdefault(name, []).append(value)
    return client.post(page, sent)


def _undo_of(response: Any) -> str:
    found = re.search(r'href="([^"]+)"[^>]*>Undo<', " ".join(told(response)))
    assert found is not None
    return found[1]


def test_thousands_across_pages_are_deleted_and_come_back(admin_client: Client) -> None:
    _inquiries(1_100)
    first = ConsultationInquiry.objects.earliest("contact_name")

    asked = _ask(admin_client, _INQUIRIES, first, across=True)
    answer = _confirm(admin_client, _INQUIRIES, asked)

    assert len(asked.content) < 200_000
    assert asked.content.count(b'name="_selected_action"') == 1
    assert "1,100 inquiries deleted." in told(answer)[0]
    assert not ConsultationInquiry.objects.exists()
    admin_client.post(_undo_of(answer))
    assert ConsultationInquiry.objects.count() == 1_100


def test_page_names_twenty_and_counts_the_rest(admin_client: Client) -> None:
    _inquiries(23)

    context = _ask(admin_client, _INQUIRIES, ConsultationInquiry.objects.all()[0], across=True).context

    assert (context["count"], len(context["named"]), context["more"]) == (23, 20, 3)


def test_only_the_ticked_rows_go(admin_client: Client) -> None:
    gone, kept = make_inquiry(), make_inquiry()

    _confirm(admin_client, _INQUIRIES, _ask(admin_client, _INQUIRIES, gone))

    assert ConsultationInquiry.objects.get() == kept


def test_only_the_rows_of_the_narrowed_list_go(admin_client: Client) -> None:
    gone, kept = make_inquiry(status="new"), make_inquiry(status="contacted")
    page = f"{_INQUIRIES}?status__exact=new"

    _confirm(admin_client, page, _ask(admin_client, page, gone, across=True))

    assert ConsultationInquiry.objects.get() == kept


def test_the_confirmation_page_deletes_nothing(admin_client: Client) -> None:
    row = make_inquiry()

    assert _ask(admin_client, _INQUIRIES, row).status_code == 200
    assert ConsultationInquiry.objects.exists()


def test_confirmation_without_having_seen_deletes_nothing(admin_client: Client) -> None:
    row = make_inquiry()

    answer = admin_client.post(
        _INQUIRIES, {"action": "delete_selected", "_selected_action": str(row.pk), "post": "yes", "index": "0"}
    )

    assert answer.context["moved"]
    assert ConsultationInquiry.objects.exists()


@pytest.mark.parametrize("meanwhile", ["changed", "added", "deleted"])
def test_rows_changed_since_they_were_seen_are_not_deleted(admin_client: Client, meanwhile: str) -> None:
    row, other = make_inquiry(), make_inquiry()
    asked = _ask(admin_client, _INQUIRIES, row, across=True)
    if meanwhile == "changed":
        ConsultationInquiry.objects.filter(pk=row.pk).update(notes="precious")
    elif meanwhile == "added":
        make_inquiry()
    else:
        other.delete()
    before = ConsultationInquiry.objects.count()

    answer = _confirm(admin_client, _INQUIRIES, asked)

    assert "Nothing was deleted." in answer.content.decode()
    assert ConsultationInquiry.objects.count() == before
    _confirm(admin_client, _INQUIRIES, answer)
    assert not ConsultationInquiry.objects.exists()


def test_what_goes_along_and_what_loses_its_reference_is_told(admin_client: Client) -> None:
    test = make_ab_test()
    make_variant(test=test, variant_name="A")
    make_variant(test=test, variant_name="B")
    post = make_post()
    make_inquiry(source_post=post)

    of_test = _ask(admin_client, _TESTS, test).context["along"]
    of_post = _ask(admin_client, _POSTS, post).context["along"]

    assert of_test == ["2 variants go along"]
    assert of_post == ["1 inquiry stays without its source post"]


def test_rows_that_go_along_come_back_with_theirs(admin_client: Client) -> None:
    variant = make_variant(test=make_ab_test())

    answer = _confirm(admin_client, _TESTS, _ask(admin_client, _TESTS, variant.test))
    left = ABTestVariant.objects.count()
    admin_client.post(_undo_of(answer))

    assert (left, ABTestVariant.objects.get()) == (0, variant)


def test_variant_added_since_keeps_its_test(admin_client: Client) -> None:
    test = make_ab_test()
    asked = _ask(admin_client, _TESTS, test)
    make_variant(test=test)

    _confirm(admin_client, _TESTS, asked)

    assert ABTest.objects.filter(pk=test.pk).exists()


def test_permission_is_needed_for_what_goes_along_too(client: Client) -> None:
    client.force_login(clerk("view_abtest", "delete_abtest", "view_abtestvariant"))
    test = make_ab_test()
    make_variant(test=test)

    asked = _ask(client, _TESTS, test)

    assert "delete-go" not in asked.content.decode()
    assert _confirm(client, _TESTS, asked).status_code == 403
    assert ABTest.objects.exists()


def test_person_who_may_not_delete_has_no_such_verb(client: Client) -> None:
    client.force_login(clerk("view_consultationinquiry", "change_consultationinquiry"))
    row = make_inquiry()

    _ask(client, _INQUIRIES, row)

    assert ConsultationInquiry.objects.exists()


def test_hostile_names_are_shown_not_run(admin_client: Client) -> None:
    row = make_inquiry(contact_name="Eve\u202e<script>")

    page = _ask(admin_client, _INQUIRIES, row).content.decode()

    assert "Eve⟨U+202E⟩&lt;script&gt;" in page


def test_queries_do_not_grow_with_the_rows(admin_client: Client) -> None:
    def queries(number: int) -> int:
        for _ in range(number):
            make_variant(test=make_ab_test())
        with CaptureQueriesContext(connections[REVENUE]) as captured:
            _ask(admin_client, "/admin/revenue/abtestvariant/", ABTestVariant.objects.all()[0], across=True)
        return len(captured)

    assert queries(3) == queries(15)


def test_deletion_of_one_row_tells_the_way_back(admin_client: Client) -> None:
    post = make_post()
    inquiry = make_inquiry(source_post=post)

    answer = admin_client.post(reverse("admin:business_core_post_delete", args=[post.pk]), {"post": "yes"})
    admin_client.post(_undo_of(answer))

    inquiry.refresh_from_db()
    assert Post.objects.get() == post
    assert inquiry.source_post_id == post.pk
