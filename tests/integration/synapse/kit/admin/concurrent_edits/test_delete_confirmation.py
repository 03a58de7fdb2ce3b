"""A row that somebody changes while another is asked whether to delete it."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connections
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from business_core.models import ConsultationInquiry
from revenue.models import ABTest
from tests.factories import make_ab_test, make_inquiry, make_variant
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import Person, page_of, person

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


@pytest.fixture
def ada() -> Person:
    return person("ada")


@pytest.fixture
def bob() -> Person:
    return person("bob")


def _page(row: Model) -> str:
    return page_of(row).replace("/change/", "/delete/")


def _sent(html: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html)}


def _is_asked(one: Person, row: Model) -> dict[str, str]:
    fields = _sent(one.client.get(_page(row)).content.decode())
    assert {"post", "_seen"} <= set(fields)
    return fields


def _unseen(answer: Any) -> list[str]:
    assert answer.status_code == 200
    html = answer.content.decode()
    changes: list[str] = answer.context["unseen_changes"]
    assert all(change in html for change in changes)
    return changes


def test_an_edit_since_the_confirmation_stops_the_deletion_and_is_shown(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry()
    fields = _is_asked(ada, inquiry)
    bob.saves(inquiry, bob.opens(inquiry), notes="An hour of notes", company="Brass & Co")

    answer = ada.client.post(_page(inquiry), fields)

    assert _unseen(answer) == ["bob changed company and notes"]
    assert f'<a href="{page_of(inquiry)}">open ' in answer.content.decode()
    assert ConsultationInquiry.objects.get().notes == "An hour of notes"


def test_the_row_goes_once_the_edit_was_seen(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry()
    fields = _is_asked(ada, inquiry)
    bob.saves(inquiry, bob.opens(inquiry), notes="An hour of notes")

    again = _sent(ada.client.post(_page(inquiry), fields).content.decode())

    assert ada.client.post(_page(inquiry), again).status_code == 302
    assert not ConsultationInquiry.objects.exists()


def test_a_row_nobody_changed_goes_at_once(ada: Person) -> None:
    inquiry = make_inquiry()

    assert ada.client.post(_page(inquiry), _is_asked(ada, inquiry)).status_code == 302
    assert not ConsultationInquiry.objects.exists()


def test_inline_rows_that_would_go_along_count_as_part_of_the_row(ada: Person) -> None:
    test = make_ab_test()
    fields = _is_asked(ada, test)
    make_variant(test=test, variant_name="A")

    assert _unseen(ada.client.post(_page(test), fields)) == ["Somebody changed its variants"]
    assert ABTest.objects.exists()


def test_unreadable_fingerprints_delete_nothing(ada: Person) -> None:
    inquiry = make_inquiry()

    for nonsense in ("", "[]", "{", '{"notes": 1}'):
        assert _unseen(ada.client.post(_page(inquiry), {"post": "yes", "_seen": nonsense}))

    assert ConsultationInquiry.objects.exists()


def test_confirming_asks_as_many_queries_for_few_and_many_inline_rows(ada: Person) -> None:
    asked = []
    for rows in (10, 100):
        test = make_ab_test()
        for number in range(rows):
            make_variant(test=test, variant_name=f"v{number:03}")
        with CaptureQueriesContext(connections["revenue"]) as queries:
            _is_asked(ada, test)
        asked.append(len(queries))

    assert asked[0] == asked[1]
