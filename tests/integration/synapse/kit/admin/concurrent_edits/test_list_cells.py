"""Two people on one list whose cells are edited in place."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from business_core.models import ConsultationInquiry
from tests.factories import make_inquiry
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import Person, person, told
from tests.integration.synapse.kit.change_log.history import changes_of

pytestmark = pytest.mark.django_db

_LIST = "/admin/business_core/consultationinquiry/"


@pytest.fixture(autouse=True)
def list_with_two_editable_columns() -> Iterator[None]:
    """Have the list edit status and priority in place, whatever it does by itself."""
    page: Any = admin.site.get_model_admin(ConsultationInquiry)
    before = page.list_display, page.list_editable, page.list_display_links
    page.list_display, page.list_editable = ["contact_name", "status", "priority_score"], ["status", "priority_score"]
    page.list_display_links = ["contact_name"]
    yield
    page.list_display, page.list_editable, page.list_display_links = before


@pytest.fixture
def ada() -> Person:
    return person("ada")


@pytest.fixture
def bob() -> Person:
    return person("bob")


def _opens(one: Person, query: str = "") -> dict[str, str]:
    html = one.client.get(_LIST + query).content.decode()
    return submitted(html.replace('id="changelist-form"', 'id="list_form"'))


def _saves(one: Person, fields: dict[str, str], typed: dict[str, str], query: str = "") -> Any:
    return one.client.post(_LIST + query, fields | typed | {"_save": "Save"})


def _cell(fields: dict[str, str], row: ConsultationInquiry, column: str) -> str:
    """Return the name of the row's cell."""
    return next(name for name, value in fields.items() if value == str(row.pk)).replace("inquiry_id", column)


def test_a_cell_changed_meanwhile_is_refused_and_the_other_rows_saved(ada: Person, bob: Person) -> None:
    contested, free = make_inquiry(contact_name="<b>Grace", status="new"), make_inquiry(status="new")
    fields = _opens(ada)
    bob.saves(contested, bob.opens(contested), status="contacted")

    answer = _saves(
        ada, fields, {_cell(fields, contested, "status"): "qualified", _cell(fields, free, "status"): "closed_won"}
    )

    assert answer.status_code == 302
    contested.refresh_from_db()
    free.refresh_from_db()
    assert (contested.status, free.status) == ("contacted", "closed_won")
    (refusal,) = [message for message in told(answer) if "meanwhile" in message]
    page = reverse("admin:business_core_consultationinquiry_change", args=[contested.pk])
    assert (
        "&lt;b&gt;Grace: Architecture: bob changed status to “Contacted” meanwhile; you chose “Qualified”." in refusal
    )
    assert f'href="{page}"' in refusal


def test_cells_of_one_row_changed_by_two_are_both_kept(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry(status="new", priority_score=1)
    fields = _opens(ada)
    bob.saves(inquiry, bob.opens(inquiry), priority_score="5")

    _saves(ada, fields, {_cell(fields, inquiry, "status"): "contacted"})

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.priority_score) == ("contacted", 5)


def test_rows_nobody_touched_are_not_written(ada: Person) -> None:
    rows = [make_inquiry(status=status) for status in ("on holiday", None, "new")]
    fields = _opens(ada)

    assert _saves(ada, fields, {}).status_code == 302
    assert [len(changes_of(row)) for row in rows] == [1, 1, 1]


def test_rows_that_changed_places_get_their_own_edits(ada: Person, bob: Person) -> None:
    rows = [make_inquiry(status="new", estimated_value=value) for value in (300, 200, 100)]
    fields = _opens(ada, "?status__exact=new")
    bob.saves(rows[2], bob.opens(rows[2]), estimated_value="900")
    bob.saves(rows[0], bob.opens(rows[0]), status="contacted")

    _saves(ada, fields, {_cell(fields, rows[1], "status"): "qualified"}, "?status__exact=new")

    assert [row.status for row in map(_again, rows)] == ["contacted", "qualified", "new"]


def test_a_refused_list_shows_the_rows_that_were_sent(ada: Person, bob: Person) -> None:
    rows = [make_inquiry(contact_name=name, status="new", estimated_value=5 - at) for at, name in enumerate("ABC")]
    fields = _opens(ada, "?status__exact=new")
    bob.saves(rows[0], bob.opens(rows[0]), status="contacted")

    answer = _saves(ada, fields, {_cell(fields, rows[2], "priority_score"): "many"}, "?status__exact=new")

    assert answer.status_code == 200
    changelist = answer.context["cl"]
    pairs = zip(changelist.result_list, changelist.formset.forms, strict=True)
    shown = [(row.contact_name, form.instance.pk) for row, form in pairs]
    assert shown == [(row.contact_name, row.pk) for row in rows]
    assert _again(rows[0]).status == "contacted"


def test_a_row_deleted_meanwhile_does_not_stop_the_others(ada: Person, bob: Person) -> None:
    gone, untouched_gone, kept = (make_inquiry(status="new") for _ in range(3))
    fields = _opens(ada)
    for row in (gone, untouched_gone):
        bob.client.post(f"{_LIST}{row.pk}/delete/", {"post": "yes"})

    answer = _saves(
        ada, fields, {_cell(fields, gone, "status"): "qualified", _cell(fields, kept, "status"): "contacted"}
    )

    assert answer.status_code == 302
    assert _again(kept).status == "contacted"
    (refusal,) = [message for message in told(answer) if "deleted" in message]
    assert refusal == "A row you changed was deleted meanwhile. You had typed: status “Qualified”."


def test_sending_the_list_twice_changes_nothing_more(ada: Person) -> None:
    inquiry = make_inquiry(status="new")
    fields = _opens(ada)
    typed = {_cell(fields, inquiry, "status"): "contacted"}

    answers = [_saves(ada, fields, typed) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(changes_of(inquiry)) == 2


def test_a_list_without_its_shown_values_changes_nothing(ada: Person) -> None:
    inquiry = make_inquiry(status="new")
    fields = {name: value for name, value in _opens(ada).items() if not name.startswith("initial-")}

    answer = _saves(ada, fields, {_cell(fields, inquiry, "status"): "qualified"})

    assert answer.status_code == 200
    assert "did not say what it had shown" in answer.content.decode()
    assert _again(inquiry).status == "new"


def _again(row: ConsultationInquiry) -> ConsultationInquiry:
    row.refresh_from_db()
    return row
