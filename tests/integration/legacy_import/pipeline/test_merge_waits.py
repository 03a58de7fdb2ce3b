"""Who waits while an import merges: nobody for rows that it does not write, and it for people, not they for it."""

import threading
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection, transaction

from legacy_import.models import Divergence
from legacy_import.pipeline import merge_attempts
from legacy_import.pipeline.merge_attempts import MergeAttempts
from legacy_import.pipeline.progress import StageName
from legacy_import.pipeline.row_locks import RowsEditedError
from legacy_import.services import ImportRequest, import_source
from legacy_import.sources import source_named
from tests.imports import execute, rows, run_import
from tests.integration.legacy_import.pipeline.meanwhile import (
    ADD_POST,
    Meanwhile,
    import_in_thread,
    import_meanwhile,
    notes_of,
    person_session,
    write_as_person,
)
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@pytest.mark.parametrize("stage", ["ledger", "repair", "refresh"])
def test_saves_of_other_rows_go_on_and_of_written_rows_wait(
    stage: StageName, inquiry: UUID, imported_primary: Path
) -> None:
    held: list[str] = []

    def save_both() -> None:
        write_as_person("UPDATE consultation_inquiries SET notes = 'mine' WHERE inquiry_id <> %s", inquiry)
        write_as_person("UPDATE posts SET business_objective = 'mine'")
        try:
            write_as_person("UPDATE consultation_inquiries SET notes = 'mine' WHERE inquiry_id = %s", inquiry)
        except OperationalError as error:
            held.append(type(error.__cause__).__name__)

    table = "consultation_inquiries" if stage == "ledger" else ""
    report, _ = import_meanwhile(imported_primary, stage, table, save_both)

    assert (report.error, report.notes) == (None, ())
    assert held == ["LockNotAvailable"]


def test_unchanged_file_locks_nothing(imported_primary: Path) -> None:
    report, progress = import_meanwhile(
        imported_primary,
        "refresh",
        "",
        lambda: write_as_person("UPDATE consultation_inquiries SET notes = 'mine'"),
    )

    assert (report.error, report.notes, progress.times) == (None, (), 1)


def test_first_load_has_its_tables_to_itself(legacy_dir: Path) -> None:
    held: list[str] = []

    def add_row() -> None:
        try:
            write_as_person(ADD_POST, uuid4(), "mine")
        except OperationalError as error:
            held.append(type(error.__cause__).__name__)

    import_meanwhile(legacy_dir, "merge", "linkedin_posts", add_row)

    assert held == ["LockNotAvailable"]


def test_edit_under_way_while_edits_are_read_is_an_edit(inquiry: UUID, imported_primary: Path) -> None:
    with person_session(begins=True) as session, session.cursor() as cursor:
        cursor.execute("UPDATE consultation_inquiries SET notes = 'mine' WHERE inquiry_id = %s", [inquiry])
        # A later number in the log is committed before the earlier one.
        execute("default", "UPDATE consultation_inquiries SET company = 'x' WHERE inquiry_id <> %s", [inquiry])
        done: list[Any] = []
        thread = threading.Thread(target=lambda: import_in_thread(imported_primary, done))
        thread.start()
        thread.join(1.5)
        assert thread.is_alive()
        session.commit()
    thread.join(30)

    assert done[0].error is None
    assert notes_of(inquiry) == [("mine", "legacy")]
    assert Divergence.objects.using("default").get(target_key=inquiry).kept == "mine"


def test_row_held_for_too_long_is_told(inquiry: UUID, imported_primary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_attempts, "TABLES_TIMEOUT_SECONDS", 0.2)
    with person_session(begins=True) as session, session.cursor() as cursor:
        cursor.execute("UPDATE consultation_inquiries SET notes = 'mine' WHERE inquiry_id = %s", [inquiry])

        report = run_import("primary", imported_primary)

        assert report.error is not None
        assert report.error.startswith("Somebody's open transaction has held the business tables of ")
        session.commit()
    assert run_import("primary", imported_primary).error is None
    assert notes_of(inquiry) == [("mine", "legacy")]


def test_person_wins_a_deadlock(inquiry: UUID, imported_primary: Path) -> None:
    file = imported_primary / PRIMARY
    change(file, "UPDATE linkedin_posts SET business_objective = 'legacy'")
    written, errors = threading.Event(), list[Exception]()

    def save_both() -> None:
        try:
            with person_session(begins=True) as session, session.cursor() as cursor:
                cursor.execute("SET lock_timeout = '10s'")
                cursor.execute("UPDATE consultation_inquiries SET notes = 'mine' WHERE inquiry_id = %s", [inquiry])
                written.set()
                cursor.execute("UPDATE posts SET likes = 4711")
                session.commit()
        except Exception as error:  # noqa: BLE001
            errors.append(error)
            written.set()

    person = threading.Thread(target=save_both)

    def begin_saving() -> None:
        person.start()
        assert written.wait(10)

    # The import holds the posts by then; the person holds the inquiry, and waits for the posts.
    report, _ = import_meanwhile(imported_primary, "ledger", "linkedin_posts", begin_saving)
    person.join(20)

    assert errors == []
    assert report.error is None
    assert notes_of(inquiry) == [("mine", "legacy")]
    assert rows("default", "SELECT DISTINCT likes FROM posts") == [(4711,)]


def test_people_in_between_again_and_again_are_ended_by_a_lock(
    inquiry: UUID, imported_primary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_attempts, "lock_keys", lambda *_: None)
    edits: list[int] = []

    class Persistent(Meanwhile):
        def enter_stage(self, source: str, stage: StageName, table: str = "") -> None:  # noqa: ARG002
            if (stage, table) == self._at:
                self.times += 1
                try:
                    write_as_person(
                        "UPDATE consultation_inquiries SET notes = 'mine' || %s WHERE inquiry_id = %s",
                        self.times,
                        inquiry,
                    )
                    edits.append(self.times)
                except OperationalError:
                    pass

    progress = Persistent("compare", "consultation_inquiries", lambda: None)
    report = import_source(source_named("primary"), ImportRequest(imported_primary), progress=progress)

    assert report.error is None
    assert (edits, progress.times) == ([1, 2, 3], 4)
    assert notes_of(inquiry) == [("mine3", "legacy")]


@pytest.mark.parametrize("strength", ["UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"])
def test_nobody_locks_a_row_beside_an_import_that_is_alone(
    strength: str, inquiry: UUID, imported_primary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_attempts, "MAX_OPTIMISTIC_ATTEMPTS", 0)
    lock = f"SELECT FROM consultation_inquiries WHERE inquiry_id = %s FOR {strength}"
    held: list[str] = []

    def lock_row() -> None:
        write_as_person("SELECT FROM consultation_inquiries")
        try:
            write_as_person(lock, inquiry)
        except OperationalError as error:
            held.append(type(error.__cause__).__name__)

    report, _ = import_meanwhile(imported_primary, "merge", "consultation_inquiries", lock_row)

    assert report.error is None
    assert held == ["LockNotAvailable"]


def test_save_that_locks_its_row_first_comes_after_an_import_that_is_alone(
    inquiry: UUID, imported_primary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_attempts, "MAX_OPTIMISTIC_ATTEMPTS", 0)
    begun, errors = threading.Event(), list[Exception]()

    def save() -> None:
        try:
            with person_session(begins=True) as session, session.cursor() as cursor:
                cursor.execute("SET lock_timeout = '10s'")
                begun.set()
                cursor.execute("SELECT FROM consultation_inquiries WHERE inquiry_id = %s FOR NO KEY UPDATE", [inquiry])
                cursor.execute("UPDATE consultation_inquiries SET notes = 'mine' WHERE inquiry_id = %s", [inquiry])
                session.commit()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    person = threading.Thread(target=save)

    def begin_saving() -> None:
        person.start()
        assert begun.wait(10)
        person.join(0.1)

    report, progress = import_meanwhile(imported_primary, "merge", "consultation_inquiries", begin_saving)
    person.join(20)

    assert (errors, report.error, progress.times) == ([], None, 1)
    assert notes_of(inquiry) == [("mine", "legacy")]


def test_import_that_is_alone_waits_for_rows_that_are_only_locked(
    inquiry: UUID, imported_primary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_attempts, "MAX_OPTIMISTIC_ATTEMPTS", 0)
    with person_session(begins=True) as session, session.cursor() as cursor:
        cursor.execute("SELECT FROM consultation_inquiries WHERE inquiry_id = %s FOR NO KEY UPDATE", [inquiry])
        done: list[Any] = []
        thread = threading.Thread(target=lambda: import_in_thread(imported_primary, done))
        thread.start()
        thread.join(0.7)
        assert thread.is_alive()
        cursor.execute("UPDATE consultation_inquiries SET notes = 'mine' WHERE inquiry_id = %s", [inquiry])
        session.commit()
    thread.join(30)

    assert (done[0].error, done[0].notes) == (None, ())
    assert notes_of(inquiry) == [("mine", "legacy")]


def test_rows_edited_beside_an_import_that_is_alone_end_it() -> None:
    tried: list[bool] = []

    def merge(*, alone: bool) -> None:
        tried.append(alone)
        if len(tried) > 2 * merge_attempts.MAX_OPTIMISTIC_ATTEMPTS:
            pytest.fail("it is tried without end")
        raise RowsEditedError({})

    with pytest.raises(RowsEditedError), transaction.atomic(), connection.cursor() as cursor:
        MergeAttempts(cursor, "primary", str(uuid4())).merge_undisturbed(merge, locks_tables=False)

    assert tried == [False, False, False, True]
