"""Two people on the inline rows of one page."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connections
from django.test.utils import CaptureQueriesContext

from revenue.models import ABTest, ABTestVariant
from tests.factories import make_ab_test, make_variant
from tests.integration.synapse.kit.admin.browser_form import submitted
from tests.integration.synapse.kit.admin.concurrent_edits.two_people import Person, person, told
from tests.integration.synapse.kit.change_log.history import changes_of

pytestmark = pytest.mark.django_db(databases=["default", "revenue"])


@pytest.fixture
def ada() -> Person:
    return person("ada")


@pytest.fixture
def bob() -> Person:
    return person("bob")


@pytest.fixture
def test_with_variants() -> ABTest:
    test = make_ab_test()
    make_variant(test=test, variant_name="A", impressions=100)
    make_variant(test=test, variant_name="B", impressions=100, content="odd \r\n text ", confidence_level="0.1234")
    make_variant(test=test, variant_name="C", impressions=100)
    return test


def _variant(name: str) -> ABTestVariant:
    return ABTestVariant.objects.get(variant_name=name)


def _place(fields: dict[str, str], variant: ABTestVariant) -> str:
    """Return the prefix of the variant's fields."""
    return next(name for name, value in fields.items() if value == str(variant.pk)).removesuffix("variant_id")


def _deletes(one: Person, variant: ABTestVariant) -> None:
    one.client.post(f"/admin/revenue/abtestvariant/{variant.pk}/delete/", {"post": "yes"})


def _open(one: Person, test: ABTest, name: str) -> tuple[dict[str, str], str]:
    fields = one.opens(test)
    return fields, _place(fields, _variant(name))


def test_edits_of_different_rows_and_columns_are_both_kept(
    ada: Person, bob: Person, test_with_variants: ABTest
) -> None:
    fields, at = _open(ada, test_with_variants, "B")
    bob_fields, _ = _open(bob, test_with_variants, "B")
    bob.saves(
        test_with_variants,
        bob_fields,
        **{f"{at}engagement_actions": "5", f"{_place(fields, _variant('A'))}impressions": "9"},
    )

    answer = ada.saves(test_with_variants, fields, **{f"{at}impressions": "20"})

    variant = _variant("B")
    assert (variant.engagement_actions, variant.impressions, _variant("A").impressions) == (5, 20, 9)
    assert "bob changed A: impressions and B: engagement actions meanwhile; that is kept, and so is your edit." in told(
        answer
    )


@pytest.mark.parametrize(("choice", "kept"), [("theirs", 10), ("mine", 20)])
def test_edits_of_the_same_cell_ask_for_a_choice(
    ada: Person, bob: Person, test_with_variants: ABTest, choice: str, kept: int
) -> None:
    fields, at = _open(ada, test_with_variants, "B")
    bob.saves(_variant("B"), bob.opens(_variant("B")), impressions="10")

    answer = ada.saves(test_with_variants, fields, **{f"{at}impressions": "20", f"{at}content": "Mine"})

    assert (_variant("B").impressions, _variant("B").content) == (10, "odd \r\n text ")
    (conflict,) = answer.context["conflicts"]
    assert (conflict.label, conflict.theirs.who) == ("B: impressions", "bob")
    again = submitted(answer.content.decode()) | {f"choice-{at}impressions": choice}
    assert ada.saves(test_with_variants, again).status_code == 302
    assert (_variant("B").impressions, _variant("B").content) == (kept, "Mine")


def test_a_row_deleted_meanwhile_and_untouched_here_stays_deleted(
    ada: Person, bob: Person, test_with_variants: ABTest
) -> None:
    fields, at = _open(ada, test_with_variants, "A")
    _deletes(bob, _variant("B"))

    answer = ada.saves(test_with_variants, fields, **{f"{at}impressions": "20"})

    assert answer.status_code == 302, answer.context["errors"]
    assert {one.variant_name: one.impressions for one in ABTestVariant.objects.all()} == {"A": 20, "C": 100}


def _edited_while_deleted(ada: Person, bob: Person, test: ABTest) -> tuple[Any, str]:
    fields, at = _open(ada, test, "B")
    _deletes(bob, _variant("B"))
    answer = ada.saves(test, fields, **{f"{at}impressions": "20"})
    assert answer.status_code == 200
    return answer, at


def test_a_row_deleted_while_it_was_edited_asks_for_a_choice(
    ada: Person, bob: Person, test_with_variants: ABTest
) -> None:
    answer, _ = _edited_while_deleted(ada, bob, test_with_variants)

    (gone,) = answer.context["deleted_rows"]
    assert (gone.label, gone.deletion.who, gone.typed) == ("B", "bob", [("Impressions", "20")])
    assert "Deleted by bob" in answer.content.decode()


def test_the_page_that_returns_pairs_each_row_with_its_own_fields(
    ada: Person, bob: Person, test_with_variants: ABTest
) -> None:
    fields, at = _open(ada, test_with_variants, "B")
    last = _place(fields, _variant("C"))
    _deletes(bob, _variant("B"))
    make_variant(test=test_with_variants, variant_name="0 sorts first")

    answer = ada.saves(test_with_variants, fields, **{f"{at}impressions": "20", f"{last}impressions": "30"})

    again = submitted(answer.content.decode())
    assert (again[f"{at}impressions"], again[f"{last}impressions"]) == ("20", "30")
    (inline,) = answer.context["inline_admin_formsets"]
    pairs = [(one.original.variant_name, one.form["variant_name"].value()) for one in inline if one.original]
    assert pairs == [("A", "A"), ("B", "B"), ("C", "C")]


def test_a_deleted_row_can_be_left_so(ada: Person, bob: Person, test_with_variants: ABTest) -> None:
    answer, at = _edited_while_deleted(ada, bob, test_with_variants)
    again = submitted(answer.content.decode()) | {f"choice-{at.removesuffix('-')}": "theirs"}

    assert ada.saves(test_with_variants, again).status_code == 302
    assert {one.variant_name for one in ABTestVariant.objects.all()} == {"A", "C"}


def test_a_deleted_row_can_be_brought_back_as_it_was_with_the_edit(
    ada: Person, bob: Person, test_with_variants: ABTest
) -> None:
    before = _variant("B")
    answer, at = _edited_while_deleted(ada, bob, test_with_variants)
    again = submitted(answer.content.decode()) | {f"choice-{at.removesuffix('-')}": "mine"}

    answer = ada.saves(test_with_variants, again)

    assert answer.status_code == 302, [i.formset.errors for i in answer.context["inline_admin_formsets"]]
    after = _variant("B")
    assert (after.pk, after.impressions, after.created_at) == (before.pk, 20, before.created_at)
    assert (after.content, after.confidence_level) == (before.content, before.confidence_level)
    assert [(one.operation, one.author) for one in changes_of(after)][1:] == [("delete", "bob"), ("insert", "ada")]


_EDITS = ("view_abtest", "change_abtest", "view_abtestvariant", "change_abtestvariant")


@pytest.mark.parametrize(("permissions", "returns"), [(_EDITS, False), ((*_EDITS, "add_abtestvariant"), True)])
def test_a_deleted_row_is_brought_back_by_those_who_may_add_one(
    bob: Person, test_with_variants: ABTest, permissions: tuple[str, ...], *, returns: bool
) -> None:
    eve = person("eve")
    User.objects.filter(username="eve").update(is_superuser=False)
    User.objects.get(username="eve").user_permissions.set(Permission.objects.filter(codename__in=permissions))

    answer, at = _edited_while_deleted(eve, bob, test_with_variants)
    (gone,) = answer.context["deleted_rows"]
    offered = 'value="mine"' in answer.content.decode()
    eve.saves(test_with_variants, submitted(answer.content.decode()) | {f"choice-{at.removesuffix('-')}": "mine"})

    assert (gone.may_return, offered) == (returns, returns)
    assert ABTestVariant.objects.filter(variant_name="B").exists() == returns


def test_a_row_deleted_from_another_test_is_not_brought_back_here(ada: Person, test_with_variants: ABTest) -> None:
    stranger = make_variant(test=make_ab_test(), variant_name="Z", impressions=100)
    key = stranger.pk
    stranger.delete()
    fields, at = _open(ada, test_with_variants, "B")

    answer = ada.saves(
        test_with_variants,
        fields,
        **{f"{at}variant_id": str(key), f"{at}impressions": "77", f"choice-{at.removesuffix('-')}": "mine"},
    )

    assert answer.status_code == 200
    assert not ABTestVariant.objects.filter(pk=key).exists()


def test_deleting_a_row_somebody_else_changed_shows_the_change_first(
    ada: Person, bob: Person, test_with_variants: ABTest
) -> None:
    fields, at = _open(ada, test_with_variants, "B")
    bob.saves(_variant("B"), bob.opens(_variant("B")), impressions="10")

    answer = ada.saves(test_with_variants, fields, **{f"{at}DELETE": "on"})
    assert answer.status_code == 200
    assert answer.context["merges"] == ["bob changed B: impressions meanwhile"]
    again = submitted(answer.content.decode())
    assert (again[f"{at}impressions"], again[f"{at}DELETE"]) == ("10", "on")

    assert ada.saves(test_with_variants, again).status_code == 302
    assert {one.variant_name for one in ABTestVariant.objects.all()} == {"A", "C"}


def test_deleting_a_row_that_is_already_deleted_succeeds(ada: Person, bob: Person, test_with_variants: ABTest) -> None:
    fields, at = _open(ada, test_with_variants, "B")
    _deletes(bob, _variant("B"))

    assert ada.saves(test_with_variants, fields, **{f"{at}DELETE": "on"}).status_code == 302


def test_a_row_added_meanwhile_stays(ada: Person, bob: Person, test_with_variants: ABTest) -> None:
    fields, at = _open(ada, test_with_variants, "B")
    make_variant(test=test_with_variants, variant_name="0 sorts first")

    ada.saves(test_with_variants, fields, **{f"{at}impressions": "20"})

    found = {one.variant_name: one.impressions for one in ABTestVariant.objects.all()}
    assert found == {"0 sorts first": 0, "A": 100, "B": 20, "C": 100}


def test_a_deleted_test_gives_back_what_was_typed_of_its_variants(
    ada: Person, bob: Person, test_with_variants: ABTest
) -> None:
    fields, at = _open(ada, test_with_variants, "B")
    bob.client.post(f"/admin/revenue/abtest/{test_with_variants.pk}/delete/", {"post": "yes"})

    answer = ada.saves(test_with_variants, fields, **{f"{at}content": "Long thoughts"})

    assert answer.status_code == 410
    assert [one.text for one in answer.context["typed"] if one.was_changed] == ["Long thoughts"]


def test_pages_of_many_rows_ask_no_more_than_those_of_few(ada: Person) -> None:
    asked = []
    for rows in (10, 100):
        test = make_ab_test()
        variants = [make_variant(test=test, variant_name=f"v{number:03}", impressions=100) for number in range(rows)]
        with CaptureQueriesContext(connections["revenue"]) as opening:
            fields = ada.opens(test)
        at = _place(fields, variants[1])
        ABTestVariant.objects.filter(pk=variants[1].pk).update(impressions=101)
        with CaptureQueriesContext(connections["revenue"]) as meeting:
            assert ada.saves(test, fields, **{f"{at}impressions": "102"}).context["conflicts"]
        with CaptureQueriesContext(connections["revenue"]) as saving:
            assert ada.saves(test, fields, **{f"{at}content": "Mine"}).status_code == 302
        asked.append((len(opening), len(meeting), len(saving)))

    assert asked[0] == asked[1]
