"""People who write while an import merges: their edit wins and is an edit, and nobody waits for rows of others."""

import threading
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from legacy_import.errors import TransientError
from legacy_import.models import Divergence, ImportRun, LedgerRow
from legacy_import.pipeline import merge_attempts
from legacy_import.pipeline.merge_attempts import MergeAttempts, retry_while_held
from legacy_import.pipeline.progress import StageName
from legacy_import.pipeline.row_locks import RowsEditedError, RowsHeldError
from synapse.foundation.lock_waits import limit_lock_waits
from tests.imports import rows, run_import
from tests.integration.legacy_import.pipeline.meanwhile import (
    ADD_POST,
    BEGAN_ANEW,
    copy_row,
    import_in_thread,
    import_meanwhile,
    notes_of,
    person_session,
    write_as_person,
)
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@pytest.mark.parametrize("stage", ["judge", "compare", "merge"])
def test_edit_between_plan_and_merge_wins_and_is_recorded(
    stage: StageName, inquiry: UUID, imported_primary: Path
) -> None:
    report, progress = import_meanwhile(
        imported_primary,
        stage,
        "consultation_inquiries",
        lambda: write_as_person("UPDATE consultation_inquiries SET notes = 'mine' WHERE inquiry_id = %s", inquiry),
    )

    assert report.error is None
    assert notes_of(inquiry) == [("mine", "legacy")]
    (said,) = Divergence.objects.using("default").filter(target_key=inquiry)
    assert (said.kind, said.column, said.kept, said.other) == ("edit", "notes", "mine", "legacy")
    assert report.notes == (BEGAN_ANEW,)
    assert progress.times == 2
    assert ImportRun.objects.using("default").latest("started_at").notes == [BEGAN_ANEW]


def test_edit_of_another_row_is_no_reason_to_begin_anew(inquiry: UUID, imported_primary: Path) -> None:
    report, progress = import_meanwhile(
        imported_primary,
        "merge",
        "consultation_inquiries",
        lambda: write_as_person("UPDATE consultation_inquiries SET notes = 'mine' WHERE inquiry_id <> %s", inquiry),
    )

    assert (report.error, report.notes, progress.times) == (None, (), 1)
    assert notes_of(inquiry) == [("legacy", "legacy")]


def test_row_deleted_here_meanwhile_stays_deleted(inquiry: UUID, imported_primary: Path) -> None:
    report, _ = import_meanwhile(
        imported_primary,
        "merge",
        "consultation_inquiries",
        lambda: write_as_person("DELETE FROM consultation_inquiries WHERE inquiry_id = %s", inquiry),
    )

    assert (report.error, report.notes) == (None, (BEGAN_ANEW,))
    assert notes_of(inquiry) == []
    assert LedgerRow.objects.using("default").get(target_key=inquiry).state == "deleted"


def test_edit_of_a_row_that_leaves_its_file_is_an_edit_later(inquiry: UUID, imported_primary: Path) -> None:
    row = LedgerRow.objects.using("default").get(target_key=inquiry)
    file = imported_primary / PRIMARY
    run_import("primary", imported_primary)
    change(file, "CREATE TABLE kept AS SELECT * FROM consultation_inquiries WHERE inquiry_id = ?", row.key)
    change(file, "DELETE FROM consultation_inquiries WHERE inquiry_id = ?", row.key)

    report, _ = import_meanwhile(
        imported_primary,
        "merge",
        "consultation_inquiries",
        lambda: write_as_person("UPDATE consultation_inquiries SET notes = 'mine' WHERE inquiry_id = %s", inquiry),
    )

    assert report.error is None
    assert BEGAN_ANEW in report.notes
    change(file, "INSERT INTO consultation_inquiries SELECT * FROM kept")
    change(file, "UPDATE consultation_inquiries SET notes = 'newer' WHERE inquiry_id = ?", row.key)
    assert run_import("primary", imported_primary).error is None
    assert notes_of(inquiry) == [("mine", "legacy")]
    assert Divergence.objects.using("default").get(target_key=inquiry).other == "newer"


def test_same_unique_value_added_here_meanwhile_is_told_by_the_quarantine(imported_primary: Path) -> None:
    file = imported_primary / PRIMARY
    copy_row(file, "linkedin_posts", "new-post")

    report, _ = import_meanwhile(
        imported_primary,
        "merge",
        "linkedin_posts",
        lambda: write_as_person(ADD_POST, uuid4(), "new-post"),
    )

    assert report.error is None
    assert report.status == "quarantined"
    assert BEGAN_ANEW in report.notes
    assert rows("default", "SELECT count(*) FROM posts WHERE external_post_id = 'new-post'") == [(1,)]


@pytest.fixture
def parent(imported_primary: Path) -> UUID:
    """A post that a new inquiry of the file refers to."""
    file = imported_primary / PRIMARY
    copy_row(file, "consultation_inquiries", "new-inquiry")
    ((key, legacy_key),) = rows(
        "default", "SELECT target_key, key FROM ledger WHERE legacy_table = 'linkedin_posts' ORDER BY key LIMIT 1"
    )
    change(file, "UPDATE consultation_inquiries SET source_post_id = ? WHERE inquiry_id = 'new-inquiry'", legacy_key)
    assert isinstance(key, UUID)
    return key


_DELETE_PARENT = (
    "UPDATE consultation_inquiries SET source_post_id = NULL WHERE source_post_id = %s",
    "DELETE FROM posts WHERE post_id = %s",
)


def _parent_of_new_inquiry() -> Any:
    key = LedgerRow.objects.using("default").get(key="new-inquiry").target_key
    return rows("default", "SELECT source_post_id FROM consultation_inquiries WHERE inquiry_id = %s", [key])[0][0]


def test_parent_deleted_meanwhile_leaves_an_orphan(parent: UUID, imported_primary: Path) -> None:
    def delete_parent() -> None:
        for statement in _DELETE_PARENT:
            write_as_person(statement, parent)

    report, _ = import_meanwhile(imported_primary, "merge", "consultation_inquiries", delete_parent)

    assert report.error is None
    assert _parent_of_new_inquiry() is None


def test_parent_whose_deletion_is_under_way_leaves_an_orphan(parent: UUID, imported_primary: Path) -> None:
    with person_session(begins=True) as session, session.cursor() as cursor:
        for statement in _DELETE_PARENT:
            cursor.execute(statement, [parent])
        done: list[Any] = []
        thread = threading.Thread(target=lambda: import_in_thread(imported_primary, done))
        thread.start()
        thread.join(0.7)
        assert thread.is_alive()
        session.commit()
    thread.join(30)

    assert done[0].error is None
    assert _parent_of_new_inquiry() is None


def test_parent_made_here_meanwhile_is_found_by_all_statements_or_none(imported_primary: Path) -> None:
    file, parent = imported_primary / PRIMARY, uuid4()
    copy_row(file, "consultation_inquiries", "new-inquiry")
    change(file, "UPDATE consultation_inquiries SET source_post_id = 'made-here' WHERE inquiry_id = 'new-inquiry'")

    report, _ = import_meanwhile(
        imported_primary, "ledger", "consultation_inquiries", lambda: write_as_person(ADD_POST, parent, "made-here")
    )

    assert (report.error, report.notes) == (None, (BEGAN_ANEW,))
    assert "source_post_id" not in (LedgerRow.objects.using("default").get(key="new-inquiry").cells or {})
    assert _parent_of_new_inquiry() == parent


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(merge_attempts, "time", clock)
    return clock


@pytest.mark.parametrize("alone", [False, True])
def test_work_between_two_waits_is_no_wait(alone: bool, clock: Clock) -> None:  # noqa: FBT001
    left = iter([True, True, False])

    def merge(*, alone: bool) -> None:
        clock.sleep(40)
        if next(left):
            raise RowsHeldError({})

    with transaction.atomic(), connection.cursor() as cursor:
        MergeAttempts(cursor, "primary", str(uuid4())).merge_undisturbed(merge, locks_tables=alone)

    assert next(left, None) is None


def test_rows_that_are_never_to_be_had_are_given_up_with_the_seconds_waited(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_attempts, "MAX_HELD_ATTEMPTS", 1000)

    def refuse(*_: object) -> None:
        clock.sleep(3.9)
        raise RowsHeldError({})

    def merge(*, alone: bool) -> None:
        pytest.fail(f"it has not got its rows, and merges (alone: {alone})")

    monkeypatch.setattr(merge_attempts, "lock_keys", refuse)

    with (
        pytest.raises(TransientError, match=r"for 32 seconds, so nothing was changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        MergeAttempts(cursor, "primary", str(uuid4())).merge_undisturbed(merge, locks_tables=False)


def _refuse_after(clock: Clock, seconds: float, *, times: int) -> tuple[list[bool], Any]:
    told: list[bool] = []

    def attempt(alone: bool) -> str:  # noqa: FBT001
        told.append(alone)
        clock.sleep(seconds)
        if len(told) <= times:
            raise RowsHeldError({})
        return "done"

    return told, attempt


def test_undo_that_gathers_for_long_is_tried_again(clock: Clock) -> None:
    told, attempt = _refuse_after(clock, 40, times=5)

    assert retry_while_held("default", attempt) == "done"
    assert told == [False] * 5 + [True]


def test_undo_of_a_page_that_gathers_for_long_is_tried_again(clock: Clock) -> None:
    told, attempt = _refuse_after(clock, 4, times=2)

    with limit_lock_waits(lambda: 3.0):
        assert retry_while_held("default", attempt) == "done"
    assert told == [False] * 3


def test_undo_gives_rows_up_after_the_seconds_waited(clock: Clock) -> None:
    told, attempt = _refuse_after(clock, 0, times=1000)

    with (
        limit_lock_waits(lambda: 3.0),
        pytest.raises(TransientError, match=r"for [34] seconds, so nothing was changed"),
    ):
        retry_while_held("default", attempt)
    assert len(told) == 6
    told.clear()
    with pytest.raises(TransientError, match=r"for 3[01] seconds, so nothing was changed"):
        retry_while_held("default", attempt)
    assert len(told) == 51


def test_undo_that_failed_on_what_people_changed_is_tried_again_alone(clock: Clock) -> None:
    told: list[bool] = []

    def attempt(alone: bool) -> None:  # noqa: FBT001
        told.append(alone)
        raise RowsEditedError({})

    with pytest.raises(RowsEditedError):
        retry_while_held("default", attempt)
    assert told == [False, True]
