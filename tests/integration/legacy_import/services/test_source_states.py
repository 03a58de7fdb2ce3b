"""Each source's state: pending, validated, mismatched or in error, with the sentence that says why."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from legacy_import.models import ImportRun, SourceSync
from legacy_import.services import SourceState, State, source_states
from legacy_import.sources import SOURCES, source_named
from synapse.foundation.databases import ALIASES
from tests.factories import make_validation
from tests.imports import run_import
from tests.integration.legacy_import.undo.undoing import undo_latest
from tests.legacy_files import PRIMARY, change

IMPORTED = ("primary", "revenue")
pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)


@pytest.fixture(autouse=True)
def legacy_side(legacy_dir: Path, settings: Settings) -> Path:
    settings.LEGACY_DIR = legacy_dir
    return legacy_dir


@pytest.fixture
def validated(legacy_side: Path) -> Path:
    """Import two sources of two databases, which a validation then found to agree."""
    for name in IMPORTED:
        assert run_import(name, legacy_side).error is None
    make_validation(begun_at=timezone.now())
    return legacy_side


def imported_states() -> dict[str, State]:
    return {name: states()[name].state for name in IMPORTED}


def states() -> dict[str, SourceState]:
    return {one.source: one for one in source_states()}


def test_nothing_imported_is_pending_in_the_order_of_the_sources() -> None:
    found = source_states()

    assert [one.source for one in found] == [source.name for source in SOURCES]
    assert {(one.state, one.sentence) for one in found} == {(State.PENDING, "Never imported: import it.")}


def test_a_file_that_never_was_there_is_no_error(legacy_side: Path) -> None:
    (legacy_side / PRIMARY).unlink()

    assert states()["primary"].state == State.PENDING
    assert states()["primary"].sentence == f"Never imported: {PRIMARY} is not in the legacy folder."


def test_imported_is_pending_until_it_is_validated(legacy_side: Path) -> None:
    make_validation(begun_at=timezone.now())
    for name in IMPORTED:
        run_import(name, legacy_side)
    assert imported_states() == {"primary": State.PENDING, "revenue": State.PENDING}

    validation = make_validation(begun_at=timezone.now())

    assert imported_states() == {"primary": State.VALIDATED, "revenue": State.VALIDATED}
    found = states()["revenue"]
    assert (found.validated_at, found.validation) == (validation.begun_at, validation.pk)
    assert found.last_run == ImportRun.objects.using("revenue").get().pk


def test_a_validation_that_broke_off_has_seen_nothing(validated: Path) -> None:
    run_import("revenue", change_of_revenue(validated))

    make_validation(begun_at=timezone.now(), passed=False, error="no such luck")

    assert imported_states() == {"primary": State.VALIDATED, "revenue": State.PENDING}


def test_a_change_that_was_imported_since_is_pending_again_and_the_others_are_not(validated: Path) -> None:
    run_import("revenue", change_of_revenue(validated))

    assert imported_states() == {"primary": State.VALIDATED, "revenue": State.PENDING}


def test_an_import_that_changed_nothing_leaves_it_validated(validated: Path) -> None:
    before = states()["primary"]
    run_import("primary", validated)

    after = states()["primary"]
    assert after.state == State.VALIDATED
    assert after.last_run != before.last_run


def test_only_the_source_that_differs_is_mismatched(validated: Path) -> None:
    failures = [
        {"name": "revenue: data integrity", "database": "revenue", "detail": "a row differs\u202e"},
        {"name": "revenue: clocks", "database": "revenue", "detail": "a time differs"},
        {"name": "synapse_business_core: query performance", "database": "default", "detail": "slow"},
    ]
    make_validation(begun_at=timezone.now(), passed=False, failures=failures)

    assert imported_states() == {"primary": State.VALIDATED, "revenue": State.MISMATCHED}
    found = states()["revenue"]
    assert found.sentence == (
        "Its last validation failed: a row differs⟨U+202E⟩ (and 1 more check failed). "
        "Read its checks, mend what they name, then validate again."
    )
    assert found.needs_attention


def test_a_failed_import_is_an_error_with_its_sentence(validated: Path) -> None:
    (validated / PRIMARY).write_bytes(b"no database")
    run_import("primary", validated)

    assert states()["primary"].state == State.ERROR
    assert states()["primary"].sentence.startswith("The last import failed: ")
    assert states()["primary"].sentence.endswith(
        f"header. Put a sound copy of {PRIMARY} into the legacy folder, then import it again."
    )


def test_a_cut_off_import_is_an_error(validated: Path) -> None:
    ImportRun.objects.using("default").create(source="primary", status=ImportRun.Status.RUNNING)

    assert states()["primary"].state == State.ERROR
    assert "was cut off" in states()["primary"].sentence


def test_a_file_that_could_not_be_looked_at_is_an_error(validated: Path) -> None:
    error = "The legacy file x.db has been locked by another program for 30 seconds."
    SourceSync.objects.filter(source="primary").update(error=error)

    assert states()["primary"].state == State.ERROR
    assert states()["primary"].sentence.endswith(
        "another program for 30 seconds. End the program that uses the file, then import it again."
    )


def test_a_share_without_locks_is_no_file_in_use(validated: Path) -> None:
    error = "The legacy file x.db cannot be locked: no locks available (ENOLCK). Mount the share with working locks."
    SourceSync.objects.filter(source="primary").update(error=error)

    assert states()["primary"].sentence.endswith("with working locks. Mend that, then import it again.")


def test_a_failure_of_another_kind_says_what_to_do_too(validated: Path) -> None:
    SourceSync.objects.filter(source="primary").update(error="primary: the disk is full")

    assert states()["primary"].sentence.endswith("the disk is full. Mend that, then import it again.")


def test_a_file_that_is_gone_is_an_error_but_not_where_all_are(validated: Path) -> None:
    (validated / PRIMARY).unlink()
    assert states()["primary"].state == State.ERROR
    assert PRIMARY in states()["primary"].sentence

    for source in SOURCES:
        (validated / source.path).unlink(missing_ok=True)
    assert imported_states() == {"primary": State.VALIDATED, "revenue": State.VALIDATED}


def test_what_was_undone_is_pending(validated: Path) -> None:
    undo_latest("revenue")

    assert states()["revenue"].state == State.PENDING
    assert states()["revenue"].sentence.startswith("Its import was undone")


def test_more_runs_and_rows_cost_no_more_questions(validated: Path) -> None:
    few = asked()
    for alias, source in (("default", "primary"), ("analytics", "performance"), ("revenue", "revenue")):
        ImportRun.objects.using(alias).bulk_create(
            ImportRun(source=source, status=ImportRun.Status.COMPLETED) for _ in range(50)
        )

    assert asked() == few
    assert few <= 16


def change_of_revenue(legacy_dir: Path) -> Path:
    change(legacy_dir / source_named("revenue").path, "UPDATE revenue_opportunities SET revenue_potential = 1")
    return legacy_dir


def asked() -> int:
    with ExitStack() as watching:
        watches = [watching.enter_context(CaptureQueriesContext(connections[alias])) for alias in ALIASES]
        source_states()
    return sum(len(watch) for watch in watches)
