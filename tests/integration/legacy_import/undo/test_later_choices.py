"""Choices between diverging values that people made since an import: what they took stays when it is undone."""

from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

import pytest

from business_core.models import ConsultationInquiry
from legacy_import.models import Divergence
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import run_import
from tests.integration.legacy_import.pipeline.divergence.choices import keep, set_inquiry, take_other, told, undo
from tests.integration.legacy_import.undo.undoing import everything, undo_latest
from tests.legacy_files import DUPLICATE, PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@pytest.fixture
def inquiry(legacy_dir: Path) -> ConsultationInquiry:
    """Import the primary, with a copy of its file as the duplicate; return an inquiry that both have."""
    copyfile(legacy_dir / PRIMARY, legacy_dir / DUPLICATE)
    run_import("primary", legacy_dir)
    return ConsultationInquiry.objects.order_by("external_inquiry_id")[0]


def duplicate_says(company: str, legacy_dir: Path, inquiry: ConsultationInquiry) -> Divergence:
    """Import the duplicate with this company in the inquiry; return the divergence."""
    sql = "UPDATE consultation_inquiries SET company = ? WHERE inquiry_id = ?"
    change(legacy_dir / DUPLICATE, sql, company, inquiry.external_inquiry_id)
    run_import("duplicate", legacy_dir)
    return told(kind="source", column="company")


def company_of(inquiry: ConsultationInquiry) -> str | None:
    return ConsultationInquiry.objects.get(pk=inquiry.pk).company


def left(source: str) -> list[tuple[str, str, str, str]]:
    return [(one.table, one.key, one.column, one.who) for one in undo_latest(source).undone[0].left]


def test_a_wrong_files_value_is_listed_and_its_choice_can_be_undone(
    legacy_dir: Path, inquiry: ConsultationInquiry
) -> None:
    take_other(duplicate_says("Wrong", legacy_dir, inquiry))

    assert left("duplicate") == [("consultation_inquiries", str(inquiry.pk), "company", "sofia")]

    assert company_of(inquiry) == "Wrong"
    undo(told(choice="other", column="company"))
    assert company_of(inquiry) == inquiry.company


def test_the_right_file_drops_what_the_wrong_one_left(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    take_other(duplicate_says("Wrong", legacy_dir, inquiry))
    undo_latest("duplicate")
    copyfile(legacy_dir / PRIMARY, legacy_dir / DUPLICATE)

    run_import("duplicate", legacy_dir)

    assert not Divergence.objects.using("default").exists()
    assert company_of(inquiry) == "Wrong"


def test_a_choice_undone_before_leaves_nothing(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    before = everything("default")
    wrong = duplicate_says("Wrong", legacy_dir, inquiry)
    take_other(wrong)
    undo(wrong)

    assert left("duplicate") == []

    assert everything("default") == before


def test_an_edits_other_value_that_was_taken_is_listed(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(pk=inquiry.pk).update(company="Ada")
    set_inquiry(legacy_dir, inquiry.external_inquiry_id, "company", "Second")
    run_import("primary", legacy_dir)
    take_other(told(kind="edit"))

    assert left("primary") == [("consultation_inquiries", str(inquiry.pk), "company", "sofia")]

    assert company_of(inquiry) == "Second"
    undo(told(kind="edit"))
    assert company_of(inquiry) == "Ada"


@pytest.mark.parametrize("first", [take_other, keep])
def test_a_superseded_choice_does_not_come_back(
    legacy_dir: Path, inquiry: ConsultationInquiry, first: Callable[..., None]
) -> None:
    first(duplicate_says("Dup1", legacy_dir, inquiry))
    take_other(duplicate_says("Dup2", legacy_dir, inquiry))

    assert left("duplicate") == [("consultation_inquiries", str(inquiry.pk), "company", "sofia")]

    again = told(kind="source", column="company")
    assert (again.other, again.choice, again.chosen_by, again.replaced) == ("Dup1", "", "", None)
    assert company_of(inquiry) == "Dup2"
    take_other(again)
    undo(again)
    assert company_of(inquiry) == "Dup2"


def test_a_choice_that_still_stands_comes_back_as_it_was(legacy_dir: Path, inquiry: ConsultationInquiry) -> None:
    take_other(duplicate_says("Dup1", legacy_dir, inquiry))
    before = everything("default")
    duplicate_says("Dup2", legacy_dir, inquiry)

    assert left("duplicate") == []

    assert everything("default") == before
    undo(told(kind="source", column="company"))
    assert company_of(inquiry) == inquiry.company
