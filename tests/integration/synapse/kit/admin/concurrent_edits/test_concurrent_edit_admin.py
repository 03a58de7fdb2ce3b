"""Two people on one row: both edits live, or the second one chooses in sight of both."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import Model

from tests.factories import make_inquiry, make_post, make_prediction
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import Person, person, told
from tests.integration.synapse.kit.change_log.history import changes_of, run_sql

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_DOUBLED_HOUR = datetime(2024, 10, 27, 1, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def ada() -> Person:
    return person("ada")


@pytest.fixture
def bob() -> Person:
    return person("bob")


def _meet(first: Person, second: Person, row: Model, *, types: dict[str, Any], meets: dict[str, Any]) -> Any:
    """Have both open the row, the first save, then the second; return the second's answer."""
    fields = second.opens(row)
    answer = first.saves(row, first.opens(row), **types)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return second.saves(row, fields, **meets)


def _again(answer: Any, **typed: str) -> dict[str, str]:
    """Return the fields of the page that came back, with what the person chooses and types there."""
    return submitted(answer.content.decode()) | typed


def test_edits_of_different_fields_are_both_kept_and_told(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry(notes="old", company="Old")

    answer = _meet(bob, ada, inquiry, types={"notes": "Bob's"}, meets={"company": "Ada's"})

    inquiry.refresh_from_db()
    assert (inquiry.notes, inquiry.company) == ("Bob's", "Ada's")
    assert "bob changed Notes meanwhile; that is kept, and so is your edit." in told(answer)


def test_the_same_edit_by_both_is_no_conflict(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry(notes="old")

    answer = _meet(bob, ada, inquiry, types={"notes": "same"}, meets={"notes": "same"})

    assert answer.status_code == 302
    assert [entry.author for entry in changes_of(inquiry)] == [None, "bob"]


def test_sending_the_same_form_twice_changes_nothing_more(ada: Person) -> None:
    inquiry = make_inquiry(notes="old")
    fields = ada.opens(inquiry)

    answers = [ada.saves(inquiry, fields, notes="new") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert [entry.author for entry in changes_of(inquiry)] == [None, "ada"]


def test_an_edit_of_the_same_field_saves_nothing_and_shows_both(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry(status="new", company="Old")

    answer = _meet(bob, ada, inquiry, types={"status": "contacted"}, meets={"status": "qualified", "company": "Ada's"})

    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.company) == ("contacted", "Old")
    (conflict,) = answer.context["conflicts"]
    sides = [(side.who, "".join(one.text for one in side.segments)) for side in (conflict.theirs, conflict.mine)]
    assert (conflict.opened, sides) == ("New", [("bob", "Contacted"), ("You", "Qualified")])
    assert conflict.theirs.at is not None
    fields = submitted(answer.content.decode())
    assert (fields["status"], fields["initial-status"], fields["company"]) == ("qualified", "contacted", "Ada's")


@pytest.mark.parametrize(
    ("choice", "typed", "kept"),
    [("theirs", {}, "contacted"), ("mine", {}, "qualified"), ("hand", {"status": "closed_lost"}, "closed_lost")],
)
def test_the_choice_is_saved_with_all_else_that_was_typed(
    ada: Person, bob: Person, choice: str, typed: dict[str, str], kept: str
) -> None:
    inquiry = make_inquiry(status="new", company="Old")
    answer = _meet(bob, ada, inquiry, types={"status": "contacted"}, meets={"status": "qualified", "company": "Ada's"})

    answer = ada.saves(inquiry, _again(answer, **{"choice-status": choice}), **typed)

    assert answer.status_code == 302
    inquiry.refresh_from_db()
    assert (inquiry.status, inquiry.company) == (kept, "Ada's")


def test_no_choice_asks_again(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry(status="new")
    answer = _meet(bob, ada, inquiry, types={"status": "contacted"}, meets={"status": "qualified"})

    answer = ada.saves(inquiry, _again(answer))

    inquiry.refresh_from_db()
    assert inquiry.status == "contacted"
    (conflict,) = answer.context["conflicts"]
    assert (conflict.was_asked, conflict.opened) == (True, "New")
    assert "Choose one of the three." in answer.content.decode()


@pytest.mark.parametrize("choice", ["theirs", "mine", "hand"])
def test_a_field_changed_once_more_asks_once_more(ada: Person, bob: Person, choice: str) -> None:
    inquiry = make_inquiry(status="new")
    answer = _meet(bob, ada, inquiry, types={"status": "contacted"}, meets={"status": "qualified"})
    bob.saves(inquiry, bob.opens(inquiry), status="proposal_sent")

    answer = ada.saves(inquiry, _again(answer, **{"choice-status": choice}))

    inquiry.refresh_from_db()
    assert inquiry.status == "proposal_sent"
    (conflict,) = answer.context["conflicts"]
    assert [one.text for one in conflict.theirs.segments] == ["Proposal sent"]
    assert submitted(answer.content.decode())["status"] == "qualified"


def test_a_merged_field_shows_the_others_value_when_the_page_returns(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry(status="new", notes="old", last_contact=_DOUBLED_HOUR)

    answer = _meet(
        bob,
        ada,
        inquiry,
        types={"status": "contacted", "notes": "Bob's", "last_contact_0": "2025-01-01", "last_contact_1": "10:00:00"},
        meets={"status": "qualified"},
    )

    fields = submitted(answer.content.decode())
    assert (fields["notes"], fields["last_contact_0"], fields["last_contact_1"]) == ("Bob's", "2025-01-01", "10:00:00")
    assert answer.context["merges"] == ["bob changed Last contact and Notes meanwhile"]


def test_a_refused_page_still_knows_what_was_typed(ada: Person) -> None:
    inquiry = make_inquiry(last_contact=_DOUBLED_HOUR, priority_score=1)
    answer = ada.saves(
        inquiry, ada.opens(inquiry), priority_score="many", last_contact_0="2025-02-03", last_contact_1="10:00:00"
    )
    assert answer.status_code == 200

    ada.saves(inquiry, _again(answer), priority_score="2")

    inquiry.refresh_from_db()
    assert (inquiry.priority_score, inquiry.last_contact) == (2, datetime(2025, 2, 3, 8, tzinfo=UTC))


def test_typed_json_comes_back_as_it_was_typed(ada: Person) -> None:
    prediction = make_prediction(key_factors={"a": [1]})
    typed = '{"a": [0.12345678901234567890123]  }'
    fields = ada.opens(prediction)
    assert fields["key_factors"] == '{\r\n  "a": [\r\n    1\r\n  ]\r\n}'

    answer = ada.saves(prediction, fields, key_factors=typed, predicted_consultation_requests="many")

    assert submitted(answer.content.decode())["key_factors"] == typed


def test_two_times_in_conflict_can_be_chosen(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry(last_contact=_DOUBLED_HOUR)
    answer = _meet(
        bob,
        ada,
        inquiry,
        types={"last_contact_0": "2025-01-01", "last_contact_1": "10:00:00"},
        meets={"last_contact_0": "2025-02-02", "last_contact_1": "11:00:00"},
    )
    assert answer.context["conflicts"][0].opened == "2024-10-27 03:30:15"

    ada.saves(inquiry, _again(answer, **{"choice-last_contact": "mine"}))

    inquiry.refresh_from_db()
    assert inquiry.last_contact == datetime(2025, 2, 2, 9, tzinfo=UTC)


def test_the_post_an_inquiry_came_from_is_compared_too(ada: Person, bob: Person) -> None:
    first, theirs, mine = (make_post(external_post_id=name) for name in ("first", "theirs", "mine"))
    inquiry = make_inquiry(source_post=first)

    answer = _meet(bob, ada, inquiry, types={"source_post": str(theirs.pk)}, meets={"source_post": str(mine.pk)})
    (conflict,) = answer.context["conflicts"]
    assert str(theirs) in "".join(one.text for one in conflict.theirs.segments)
    inquiry.refresh_from_db()
    assert inquiry.source_post == theirs

    ada.saves(inquiry, _again(answer, **{"choice-source_post": "mine"}))
    inquiry.refresh_from_db()
    assert inquiry.source_post == mine


def test_a_post_set_meanwhile_is_kept_and_its_deletion_too(ada: Person, bob: Person) -> None:
    post = make_post()
    inquiry = make_inquiry(notes="old")

    _meet(bob, ada, inquiry, types={"source_post": str(post.pk)}, meets={"notes": "new"})
    inquiry.refresh_from_db()
    assert (inquiry.source_post, inquiry.notes) == (post, "new")

    fields = ada.opens(inquiry)
    post.delete()
    assert ada.saves(inquiry, fields, notes="newer").status_code == 302
    inquiry.refresh_from_db()
    assert (inquiry.source_post_id, inquiry.notes) == (None, "newer")


def test_values_of_all_kinds_that_nobody_touched_are_no_conflict(ada: Person) -> None:
    rows: list[Model] = [
        make_inquiry(
            contact_name=" Ada\r",
            notes="a\r\nb\rc \n",
            status="odd\n\r\nstatus ",
            last_contact=_DOUBLED_HOUR,
            company="",
        ),
        make_prediction(key_factors={"b": [1.50, None], "a": "\u00e9"}, recommendations="\r\n"),
    ]

    for row in rows:
        answer = ada.saves(row, ada.opens(row))
        assert answer.status_code == 302, answer.context["conflicts"]
        assert len(changes_of(row)) == 1


def test_an_odd_status_is_no_conflict_when_it_is_replaced(ada: Person) -> None:
    inquiry = make_inquiry(status="odd\n\r\nstatus ")

    assert ada.saves(inquiry, ada.opens(inquiry), status="contacted").status_code == 302


def test_long_texts_are_compared_word_by_word(ada: Person, bob: Person) -> None:
    inquiry = make_inquiry(notes="We talked about the platform.")

    answer = _meet(
        bob,
        ada,
        inquiry,
        types={"notes": "We talked about the new platform."},
        meets={"notes": "We wrote about the platform."},
    )

    (conflict,) = answer.context["conflicts"]
    assert [one.text for one in conflict.theirs.segments if one.differs] == ["talked", "new "]
    assert [one.text for one in conflict.mine.segments if one.differs] == ["wrote"]


def test_hostile_texts_are_shown_as_text(ada: Person, bob: Person) -> None:
    hostile = '<script>alert(1)</script>\u202e"x'
    inquiry = make_inquiry(notes="old")

    html = _meet(bob, ada, inquiry, types={"notes": hostile}, meets={"notes": "<b>mine</b>"}).content.decode()

    assert "<script>alert(1)" not in html
    assert "<b>mine" not in html
    assert "\u27e8U+202E\u27e9" in html


def test_a_change_from_outside_is_compared_and_told(ada: Person) -> None:
    inquiry = make_inquiry(status="new")
    fields = ada.opens(inquiry)
    run_sql("default", "UPDATE consultation_inquiries SET status = 'contacted'")

    answer = ada.saves(inquiry, fields, status="qualified")

    (conflict,) = answer.context["conflicts"]
    assert conflict.theirs.who == "somebody outside this page"


def test_ones_own_edit_in_another_window_is_compared(ada: Person) -> None:
    inquiry = make_inquiry(status="new")
    fields = ada.opens(inquiry)
    ada.saves(inquiry, ada.opens(inquiry), status="contacted")

    answer = ada.saves(inquiry, fields, status="qualified")

    assert answer.context["conflicts"][0].theirs.who == "you, in another window,"


def test_a_form_without_its_shown_values_changes_nothing(ada: Person) -> None:
    inquiry = make_inquiry(notes="Bob's")
    fields = {name: value for name, value in ada.opens(inquiry).items() if not name.startswith("initial-")}

    answer = ada.saves(inquiry, fields, notes="Mine")

    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == ["notes"]
    inquiry.refresh_from_db()
    assert inquiry.notes == "Bob's"
