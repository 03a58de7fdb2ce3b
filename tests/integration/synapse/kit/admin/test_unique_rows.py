"""Inline rows that may not be alike: refused with a sentence, with everything typed still on the page."""

from typing import Any

import pytest

from revenue.models import ABTest, ABTestVariant
from tests.factories import make_ab_test, make_variant
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import Person, person

pytestmark = pytest.mark.django_db(databases=["default", "revenue"])

_TAKEN = "Another variant of this test has this name."


@pytest.fixture
def ada() -> Person:
    return person("ada")


@pytest.fixture
def ab_test() -> ABTest:
    test = make_ab_test()
    for number, name in enumerate("AB"):
        make_variant(test=test, variant_name=name, position=number)
    return test


def _new(fields: dict[str, str], **typed: str) -> dict[str, str]:
    """Return the fields with a third variant typed in."""
    blank = {name.replace("__prefix__", "2"): value for name, value in fields.items() if "__prefix__" in name}
    typed = {"variant_name": "C", "content": "Why?", "expected_metric": "engagement_rate", **typed}
    return (
        fields | blank | {f"variants-2-{name}": value for name, value in typed.items()} | {"variants-TOTAL_FORMS": "3"}
    )


def _errors(answer: Any) -> list[str]:
    assert answer.status_code == 200
    (inline,) = answer.context["inline_admin_formsets"]
    return [error for form in inline.formset.forms for errors in form.errors.values() for error in errors]


def _names() -> list[str]:
    return sorted(ABTestVariant.objects.values_list("variant_name", flat=True))


def test_a_new_row_sent_twice_is_added_once_and_said_to_be_there(ada: Person, ab_test: ABTest) -> None:
    fields = _new(ada.opens(ab_test))

    first, second = (ada.saves(ab_test, fields) for _ in range(2))

    assert first.status_code == 302
    assert _errors(second) == [_TAKEN]
    assert _names() == ["A", "B", "C"]


def test_a_name_somebody_else_took_meanwhile_is_refused_and_what_was_typed_kept(ada: Person, ab_test: ABTest) -> None:
    fields = _new(ada.opens(ab_test), content="An hour of typing")
    make_variant(test=ab_test, variant_name="C")

    answer = ada.saves(ab_test, fields, test_name="Also typed")

    assert _errors(answer) == [_TAKEN]
    again = submitted(answer.content.decode())
    assert (again["variants-2-content"], again["test_name"]) == ("An hour of typing", "Also typed")
    assert ada.saves(ab_test, again, **{"variants-2-variant_name": "D"}).status_code == 302
    assert _names() == ["A", "B", "C", "D"]


def test_swapped_names_are_refused_with_the_way_to_do_it(ada: Person, ab_test: ABTest) -> None:
    fields = ada.opens(ab_test)

    answer = ada.saves(ab_test, fields, **{"variants-0-variant_name": "B", "variants-1-variant_name": "A"})

    (error,) = _errors(answer)
    assert "third name" in error
    assert _names() == ["A", "B"]


def test_a_name_that_another_row_gives_up_first_can_be_taken(ada: Person, ab_test: ABTest) -> None:
    fields = ada.opens(ab_test)

    answer = ada.saves(ab_test, fields, **{"variants-0-variant_name": "Z", "variants-1-variant_name": "A"})

    assert answer.status_code == 302
    assert _names() == ["A", "Z"]


def test_the_name_of_a_row_deleted_on_the_same_page_can_be_taken(ada: Person, ab_test: ABTest) -> None:
    make_variant(test=ab_test, variant_name="D", position=9)
    fields = ada.opens(ab_test)

    answer = ada.saves(ab_test, fields, **{"variants-2-variant_name": "A", "variants-0-DELETE": "on"})

    assert answer.status_code == 302
    assert _names() == ["A", "B"]


def test_the_same_name_in_another_test_is_no_repeat(ada: Person, ab_test: ABTest) -> None:
    make_variant(test=make_ab_test(), variant_name="C")

    assert ada.saves(ab_test, _new(ada.opens(ab_test))).status_code == 302
