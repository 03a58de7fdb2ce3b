"""People who write while an import is undone: saves of other rows go on, an edit of an undone row stays."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections

from business_core.models import ConsultationInquiry
from legacy_import.errors import TransientError
from legacy_import.pipeline import merge_attempts
from legacy_import.undo import take_back
from tests.imports import execute, rows, run_import
from tests.integration.legacy_import.pipeline.meanwhile import person_session, write_as_person
from tests.integration.legacy_import.undo.undoing import undo_latest
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

_SAVE = "UPDATE consultation_inquiries SET company = 'mine' WHERE inquiry_id"


@pytest.fixture
def inquiry(legacy_dir: Path) -> ConsultationInquiry:
    """Import the primary twice, the second time with a changed company in its first inquiry."""
    run_import("primary", legacy_dir)
    first = ConsultationInquiry.objects.order_by("external_inquiry_id")[0]
    sql = "UPDATE consultation_inquiries SET company = 'Second GmbH' WHERE inquiry_id = ?"
    change(legacy_dir / PRIMARY, sql, first.external_inquiry_id)
    run_import("primary", legacy_dir)
    return first


def test_saves_of_other_rows_go_on_and_of_undone_rows_wait(
    inquiry: ConsultationInquiry, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[str] = []
    restore_ledger_rows: Any = vars(take_back)["restore_ledger_rows"]

    def save_both(*arguments: Any, **named: Any) -> int:
        write_as_person(f"{_SAVE} <> %s", inquiry.pk)
        try:
            write_as_person(f"{_SAVE} = %s", inquiry.pk)
        except OperationalError as error:
            held.append(type(error.__cause__).__name__)
        count: int = restore_ledger_rows(*arguments, **named)
        return count

    monkeypatch.setattr(take_back, "restore_ledger_rows", save_both)
    (undone,) = undo_latest("primary").undone

    assert held == ["LockNotAvailable"]
    assert (undone.restored, undone.left) == ({"consultation_inquiries": 1}, ())
    inquiry.refresh_from_db()
    assert inquiry.company != "Second GmbH"
    assert ConsultationInquiry.objects.filter(company="mine").count() == ConsultationInquiry.objects.count() - 1


def test_edit_under_way_when_the_undo_begins_stays(inquiry: ConsultationInquiry) -> None:
    reports: list[Any] = []

    def undo() -> None:
        try:
            reports.append(undo_latest("primary"))
        finally:
            connections.close_all()

    with person_session(begins=True) as session, session.cursor() as cursor:
        cursor.execute(f"{_SAVE} = %s", [inquiry.pk])
        # A later number in the log is committed before the earlier one.
        execute("default", "UPDATE posts SET business_objective = 'x'")
        undoing = threading.Thread(target=undo)
        undoing.start()
        undoing.join(1.0)
        assert undoing.is_alive()
        # Meanwhile the undo holds nothing that a person could wait for.
        write_as_person(f"{_SAVE} <> %s", inquiry.pk)
        session.commit()
    undoing.join(30)

    ((undone,),) = [report.undone for report in reports]
    assert [(one.table, one.column) for one in undone.left] == [("consultation_inquiries", "company")]
    assert rows("default", "SELECT company FROM consultation_inquiries WHERE inquiry_id = %s", [inquiry.pk]) == [
        ("mine",)
    ]


def test_row_held_for_too_long_is_told(inquiry: ConsultationInquiry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_attempts, "TABLES_TIMEOUT_SECONDS", 0.1)
    with person_session(begins=True) as session, session.cursor() as cursor:
        cursor.execute(f"{_SAVE} = %s", [inquiry.pk])

        with pytest.raises(TransientError, match="Somebody's open transaction has held the business tables"):
            undo_latest("primary")


@pytest.fixture
def reference(legacy_dir: Path) -> tuple[Any, Any]:
    """Import an inquiry of a post, then without its post; return both keys, nothing else refers to the post."""
    file = legacy_dir / PRIMARY
    one = "inquiry_id = (SELECT min(inquiry_id) FROM consultation_inquiries)"
    refer = "UPDATE consultation_inquiries SET source_post_id"
    change(file, f"{refer} = (SELECT max(post_id) FROM linkedin_posts)")
    change(file, f"{refer} = (SELECT min(post_id) FROM linkedin_posts) WHERE {one}")
    run_import("primary", legacy_dir)
    inquiry = ConsultationInquiry.objects.order_by("external_inquiry_id")[0]
    change(file, f"{refer} = NULL WHERE {one}")
    run_import("primary", legacy_dir)
    assert ConsultationInquiry.objects.get(pk=inquiry.pk).source_post_id is None
    return inquiry.pk, inquiry.source_post_id


def _act_before_restoring(monkeypatch: pytest.MonkeyPatch, act: Any) -> list[int]:
    """Let `act` happen the first time that an undo, which has looked at everything, is about to write."""
    times: list[int] = []
    restore_target_rows: Any = vars(take_back)["restore_target_rows"]

    def act_first(*arguments: Any) -> Any:
        times.append(len(times))
        if len(times) == 1:
            act()
        return restore_target_rows(*arguments)

    monkeypatch.setattr(take_back, "restore_target_rows", act_first)
    return times


def test_parent_deleted_while_its_reference_is_put_back_is_a_reason_to_begin_anew(
    reference: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    inquiry, post = reference
    times = _act_before_restoring(monkeypatch, lambda: write_as_person("DELETE FROM posts WHERE post_id = %s", post))

    (undone,) = undo_latest("primary").undone

    assert len(times) == 2
    assert ("source_post_id", "what it referred to was deleted here: refers to nothing") in [
        (one.column, one.why) for one in undone.left
    ]
    assert ConsultationInquiry.objects.get(pk=inquiry).source_post_id is None
