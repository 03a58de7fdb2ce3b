"""What is refused in a sentence before anything is tried, and two people at one row."""

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from django.db import connections

from legacy_import.errors import LegacyImportError
from legacy_import.models import ImportRun, LedgerRow, Settlement
from legacy_import.pipeline.source_lock import take_source_lock
from legacy_import.services import (
    RowFix,
    SettlementResult,
    archive_quarantined_rows,
    fix_quarantined_rows,
    replay_quarantined_rows,
)
from tests.imports import execute, rows, run_import, versions
from tests.integration.legacy_import.desk.desk import INQUIRIES, quarantined, settle
from tests.legacy_files import DUPLICATE, PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


@pytest.fixture
def refused(legacy_dir: Path) -> LedgerRow:
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET estimated_value = '25,000' WHERE rowid = 3")
    run_import("primary", legacy_dir)
    return quarantined("default", "primary")[0]


def fix(*fixes: RowFix, reason: str = "a test", author: str = "sofia") -> SettlementResult:
    return fix_quarantined_rows("default", fixes, reason=reason, author=author)


def test_what_cannot_be_asked_for_is_refused_in_a_sentence(refused: LedgerRow) -> None:
    good = {"estimated_value": "25000"}
    before = versions("default")
    cases: list[tuple[str, tuple[RowFix, ...], dict[str, str]]] = [
        ("say why", (RowFix(refused.pk, good),), {"reason": "  "}),
        ("nobody is named", (RowFix(refused.pk, good),), {"author": ""}),
        ("named twice", (RowFix(refused.pk, good), RowFix(refused.pk, good)), {}),
        ("the ledger has no row", (RowFix(uuid4(), good),), {}),
        ("names no column", (RowFix(refused.pk, {}),), {}),
        ("column no_such_one: the import reads no such column", (RowFix(refused.pk, {"no_such_one": "1"}),), {}),
        ("a text with NUL", (RowFix(refused.pk, {"estimated_value": "2\0"}),), {}),
        ("half a character", (RowFix(refused.pk, {"notes": "\ud800"}),), {}),
    ]
    for words, fixes, said in cases:
        with pytest.raises(LegacyImportError, match=words):
            fix(*fixes, **said)
    assert versions("default") == before
    assert not ImportRun.objects.using("default").filter(kind="replay").exists()


def test_a_row_somebody_settled_before_is_refused_with_the_name(refused: LedgerRow) -> None:
    archive_quarantined_rows("default", [refused.pk], reason="a test", author="tom")

    with pytest.raises(LegacyImportError, match=r"is not quarantined any more, it is archived .*: tom settled it at"):
        fix(RowFix(refused.pk, {"estimated_value": "25000"}))


def test_a_source_that_is_being_imported_is_left_alone(refused: LedgerRow) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("BEGIN")
        take_source_lock(cursor, source="primary", run=str(uuid4()))
        found: list[str] = []

        def ask() -> None:
            with pytest.raises(LegacyImportError) as caught:
                fix(RowFix(refused.pk, {"estimated_value": "25000"}))
            found.append(str(caught.value))
            connections.close_all()

        asking = Thread(target=ask)
        asking.start()
        asking.join()
        cursor.execute("ROLLBACK")
    assert "primary: another import of this source is running" in found[0]


def test_of_two_people_who_settle_a_row_at_once_the_second_is_told_about_the_first(refused: LedgerRow) -> None:
    both, ends = Barrier(2), list[SettlementResult | LegacyImportError]()

    def ask(author: str) -> None:
        both.wait()
        try:
            ends.append(fix(RowFix(refused.pk, {"estimated_value": "25000"}), author=author))
        except LegacyImportError as error:
            ends.append(error)
        connections.close_all()

    people = [Thread(target=ask, args=[author]) for author in ("sofia", "tom")]
    for person in people:
        person.start()
    for person in people:
        person.join()

    (error,) = [end for end in ends if isinstance(end, LegacyImportError)]
    (done,) = [end for end in ends if isinstance(end, SettlementResult)]
    settlement = Settlement.objects.using("default").get()
    assert done.settled == (refused.pk,)
    assert f"{settlement.settled_by} settled it at" in str(error)
    assert ImportRun.objects.using("default").filter(kind="replay").count() == 1


def test_rows_of_several_sources_get_a_run_each(refused: LedgerRow, legacy_dir: Path) -> None:
    change(legacy_dir / DUPLICATE, f"UPDATE {INQUIRIES} SET estimated_value = '25,000'")
    run_import("duplicate", legacy_dir)
    other = quarantined("default", "duplicate")[0]

    done = fix(*(RowFix(row.pk, {"estimated_value": "25000"}) for row in (refused, other)))

    assert set(done.settled) == {refused.pk, other.pk}
    runs = ImportRun.objects.using("default").filter(kind="replay")
    assert set(done.runs) == {run.pk for run in runs}
    assert {(run.source, run.status) for run in runs} == {("primary", "completed"), ("duplicate", "completed")}


def test_a_source_none_of_whose_rows_landed_gets_no_run(refused: LedgerRow, legacy_dir: Path) -> None:
    change(legacy_dir / DUPLICATE, f"UPDATE {INQUIRIES} SET estimated_value = '25,000'")
    run_import("duplicate", legacy_dir)
    other = quarantined("default", "duplicate")[0]

    done = fix(RowFix(refused.pk, {"estimated_value": "25000"}), RowFix(other.pk, {"estimated_value": "many"}))

    assert (done.settled, [row.ledger_id for row in done.refused]) == ((refused.pk,), [other.pk])
    (run,) = ImportRun.objects.using("default").filter(kind="replay")
    assert (run.source, done.runs) == ("primary", (run.pk,))


def test_rows_that_can_be_read_by_now_land_when_they_are_tried_again(refused: LedgerRow) -> None:
    """What a newer version of a codec would accept is played by a ledger cell that has become readable."""
    as_is = replay_quarantined_rows("default", [refused.pk], author="sofia")
    assert (as_is.settled, as_is.runs, as_is.refused[0].ledger_id) == ((), (), refused.pk)
    execute(
        "default",
        """UPDATE ledger SET cells = cells || '{"estimated_value": "\\u0001i:25000"}' WHERE id = %s""",
        [refused.pk],
    )

    done = replay_quarantined_rows("default", [refused.pk], author="sofia")

    assert done.settled == (refused.pk,)
    assert not Settlement.objects.using("default").exists()
    refused.refresh_from_db()
    assert refused.state == "live"


def test_a_second_fix_takes_the_place_of_the_first(refused: LedgerRow, legacy_dir: Path) -> None:
    settle(refused, estimated_value="25000")
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET estimated_value = '26,000' WHERE rowid = 3")
    run_import("primary", legacy_dir)

    settle(refused, estimated_value="26000")

    first, second = Settlement.objects.using("default").order_by("settled_at")
    assert (first.withdrawn_by, second.withdrawn_by) == ("sofia", "")
    assert first.withdrawn_at is not None
    assert second.withdrawn_at is None
    assert isinstance(second.pk, UUID)


_VERBS: dict[str, Callable[[UUID, dict[UUID, str]], SettlementResult]] = {
    "fix": lambda key, seen: fix_quarantined_rows(
        "default", [RowFix(key, {"estimated_value": "25000"})], reason="a test", author="sofia", expected=seen
    ),
    "archive": lambda key, seen: archive_quarantined_rows(
        "default", [key], reason="a test", author="sofia", expected=seen
    ),
    "replay": lambda key, seen: replay_quarantined_rows("default", [key], author="sofia", expected=seen),
}


@pytest.mark.parametrize("verb", _VERBS)
def test_a_row_that_an_import_wrote_since_it_was_looked_at_is_refused(
    refused: LedgerRow, legacy_dir: Path, verb: str
) -> None:
    seen = dict(rows("default", "SELECT id, md5(cells::text) FROM ledger WHERE state = 'quarantined'"))
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET estimated_value = '90,000' WHERE rowid = 3")
    run_import("primary", legacy_dir)
    before = versions("default")

    with pytest.raises(LegacyImportError, match="has changed meanwhile: look at its cells again"):
        _VERBS[verb](refused.pk, seen)

    assert versions("default") == before
