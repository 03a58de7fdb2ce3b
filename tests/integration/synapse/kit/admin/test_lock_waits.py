"""A page that is sent while somebody else holds its rows is answered in one sentence, with what was typed kept."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from psycopg import errors

from business_core.models import ConsultationInquiry
from synapse.kit.admin import lock_wait_middleware
from synapse.kit.admin.lock_wait_middleware import HELD_SENTENCE
from synapse.kit.change_log.models import ChangeLogEntry
from tests.factories import make_inquiry
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.admin.concurrent_edits.held_rows import holding
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import Person, page_of, person, told

pytestmark = pytest.mark.django_db(transaction=True)

_LIST = "/admin/business_core/consultationinquiry/"


@pytest.fixture
def ada() -> Person:
    return person("ada")


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_wait_middleware, "MAX_WAIT_SECONDS", 0.2)


@pytest.fixture
def editable_status() -> Iterator[None]:
    page: Any = admin.site.get_model_admin(ConsultationInquiry)
    before = page.list_display, page.list_editable, page.list_display_links
    page.list_display, page.list_editable = ["contact_name", "status"], ["status"]
    page.list_display_links = ["contact_name"]
    yield
    page.list_display, page.list_editable, page.list_display_links = before


def _touch() -> None:
    ConsultationInquiry.objects.update(notes="held")


def test_form_sent_while_the_row_is_held_is_shown_again_with_what_was_typed(ada: Person) -> None:
    inquiry = make_inquiry(status="new")
    fields = ada.opens(inquiry)

    with holding(_touch):
        answer = ada.saves(inquiry, fields, status="qualified", notes="typed <b>")

    assert answer.context["adminform"].form.non_field_errors() == [HELD_SENTENCE]
    shown = submitted(answer.content.decode())
    assert (shown["status"], shown["notes"]) == ("qualified", "typed <b>")
    assert ConsultationInquiry.objects.get().status == "new"

    assert ada.saves(inquiry, shown).status_code == 302
    assert ConsultationInquiry.objects.get().status == "qualified"


def test_list_sent_while_a_row_is_held_is_shown_again_with_what_was_typed(ada: Person, editable_status: None) -> None:
    inquiry = make_inquiry(status="new")
    html = ada.client.get(_LIST).content.decode()
    fields = submitted(html.replace('id="changelist-form"', 'id="list_form"'))
    cell = next(name for name, value in fields.items() if value == str(inquiry.pk)).replace("inquiry_id", "status")

    with holding(_touch):
        answer = ada.client.post(_LIST, fields | {cell: "qualified", "_save": "Save"})

    html = answer.content.decode()
    assert HELD_SENTENCE in html
    assert submitted(html.replace('id="changelist-form"', 'id="list_form"'))[cell] == "qualified"
    assert ConsultationInquiry.objects.get().status == "new"


def test_delete_sent_while_the_row_is_held_is_kept_to_be_sent_again(ada: Person) -> None:
    inquiry = make_inquiry()
    sent = {"action": "delete_selected", ACTION_CHECKBOX_NAME: str(inquiry.pk), "typed": 'a "quote" & <tag>'}
    page = f"{_LIST}{inquiry.pk}/delete/"
    fields = submitted(ada.client.get(page).content.decode().replace('<form method="post"', '<form id="x_form"', 1))

    with holding(_touch):
        answer = ada.client.post(page, fields | sent | {"post": "yes"})

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    html = answer.content.decode()
    assert "somebody else, or an import, is writing to the same rows" in html
    assert 'value="a &quot;quote&quot; &amp; &lt;tag&gt;"' in html
    assert 'name="post" value="yes"' in html
    assert "no-store" in answer["Cache-Control"]
    assert ConsultationInquiry.objects.count() == 1


def test_button_without_fields_is_offered_again_too(rf: RequestFactory) -> None:
    middleware = lock_wait_middleware.LockWaitMiddleware(lambda _request: HttpResponse())
    refusal = OperationalError("canceling statement due to lock timeout")
    refusal.__cause__ = errors.LockNotAvailable()

    answer = middleware.process_exception(rf.post("/admin/", {"csrfmiddlewaretoken": "t"}), refusal)

    assert isinstance(answer, HttpResponse)
    assert '<button type="submit">Try again</button>' in answer.content.decode()


def test_revert_of_a_held_row_says_so(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synapse.kit.change_log.reverting.revert._LOCK_TIMEOUT", "200ms")
    inquiry = make_inquiry(status="new")
    ada.saves(inquiry, ada.opens(inquiry), status="qualified")
    entry = ChangeLogEntry.objects.latest("id")

    with holding(_touch):
        answer = ada.client.post(reverse("changes:revert", args=["default", entry.pk]))

    assert answer.status_code == 302
    assert any(sentence.startswith("Nothing was taken back: somebody else") for sentence in told(answer))


def test_page_that_only_reads_does_not_wait(ada: Person) -> None:
    inquiry = make_inquiry()

    with holding(_touch):
        began = time.monotonic()
        assert ada.client.get(page_of(inquiry)).status_code == 200

    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("writers", "seconds"), [(4, 0.2), (5, 0.05)])
def test_half_of_the_threads_stay_free_for_pages(
    writers: int, seconds: float, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.WEB_THREADS = 8
    monkeypatch.setattr(lock_wait_middleware, "SHORT_WAIT_SECONDS", 0.05)
    counted = lock_wait_middleware._Writers()
    monkeypatch.setattr(counted, "_count", writers)

    assert counted.longest_wait_seconds() == seconds
