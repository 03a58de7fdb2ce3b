"""Rows that did not change in their file, and that an import by diff looks at all the same: one test for each reason.

Each imports a file of which only another row changed, so that the diff alone would not bring the row in question.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from business_core.models import BusinessPipeline, ConsultationInquiry, Post
from legacy_import.models import LedgerRow, Settlement
from legacy_import.pipeline.diff.table_staging import TableStaging
from legacy_import.pipeline.progress import StageName
from legacy_import.pipeline.stage.stage import Stage
from legacy_import.services import archive_quarantined_rows, fix_quarantined_rows, withdraw_settlements
from legacy_import.services.settling import RowFix
from tests.factories import make_post
from tests.imports import counts, rows, run_import
from tests.integration.legacy_import.pipeline.meanwhile import import_meanwhile, write_as_person
from tests.legacy_files import DUPLICATE, PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

_POST = "INSERT INTO linkedin_posts (post_id, content, posted_at) VALUES (?, 'text', '2025-01-20 07:00:00')"
_INQUIRY = (
    "INSERT INTO consultation_inquiries (inquiry_id, source_post_id, contact_name, inquiry_type, inquiry_channel,"
    " created_at, priority_score) VALUES (?, ?, 'Ada', 'architecture', 'email', '2025-01-20T07:00:00', ?)"
)
_MONTH = "INSERT INTO business_pipeline (pipeline_id, month, total_posts) VALUES (?, ?, 1)"


@pytest.fixture(autouse=True)
def staged(monkeypatch: pytest.MonkeyPatch) -> list[Stage]:
    """Return the stages of the last import: none of them may have fallen back to the whole table."""
    found: list[Stage] = []
    complete = TableStaging.complete_table

    def complete_and_note(staging: TableStaging, stage: Stage, *, staged: Sequence[Stage]) -> Stage:
        done = complete(staging, stage, staged=staged)
        if staging.base:
            found.append(done)
        return done

    monkeypatch.setattr(TableStaging, "complete_table", complete_and_note)
    return found


@pytest.fixture
def legacy_file(imported_primary: Path, staged: list[Stage]) -> Path:
    """Return the primary's file, imported with a few months beside its posts and inquiries."""
    path = imported_primary / PRIMARY
    for number in range(1, 10):
        change(path, _MONTH, f"month-{number}", f"2025-{number:02}")
    land(path, staged)
    return path


def land(path: Path, staged: list[Stage]) -> dict[str, dict[str, int]]:
    """Change one row that has to do with none of the others, and import the file by the diff."""
    change(path, "UPDATE consultation_inquiries SET notes = coalesce(notes, '') || '.' WHERE rowid = 15")
    staged.clear()
    report = run_import("primary", path.parent)
    assert not [note for note in report.notes if "was compared with PostgreSQL" in note]
    return counts(report)


def state_of(key: str, table: str = "consultation_inquiries") -> str:
    return LedgerRow.objects.using("default").get(source="primary", legacy_table=table, key=key).state


def test_nothing_else_travels(legacy_file: Path, staged: list[Stage]) -> None:
    figures = land(legacy_file, staged)

    assert figures["consultation_inquiries"] == {"read": 15, "updated": 1, "unchanged": 14}
    assert all(stage.vanished for stage in staged)


def test_refused_rows_are_counted_as_refused_each_time(legacy_file: Path, staged: list[Stage]) -> None:
    change(legacy_file, _INQUIRY, "odd", None, "seven")
    first, second = land(legacy_file, staged), land(legacy_file, staged)

    assert first["consultation_inquiries"] == {"read": 16, "updated": 1, "unchanged": 14, "quarantined": 1}
    assert second == first


def test_a_row_whose_way_was_cleared_here_lands(legacy_file: Path, staged: list[Stage]) -> None:
    ours = make_post(external_post_id="taken")
    change(legacy_file, _POST, "taken")
    land(legacy_file, staged)
    assert state_of("taken", "linkedin_posts") == "quarantined"
    ours.delete()

    assert land(legacy_file, staged)["linkedin_posts"]["inserted"] == 1

    assert state_of("taken", "linkedin_posts") == "live"


def test_a_row_whose_value_was_given_to_another_here_is_refused(legacy_file: Path, staged: list[Stage]) -> None:
    post = Post.objects.filter(data_source="linkedin_primary").order_by("pk")[0]
    key = post.external_post_id
    Post.objects.filter(pk=post.pk).update(external_post_id="renamed here")
    land(legacy_file, staged)
    make_post(external_post_id=key)

    land(legacy_file, staged)

    assert state_of(key, "linkedin_posts") == "quarantined"


def test_a_row_deleted_here_and_put_back_is_noted(legacy_file: Path, staged: list[Stage]) -> None:
    inquiry = ConsultationInquiry.objects.order_by("external_inquiry_id")[0]
    key = inquiry.external_inquiry_id
    ConsultationInquiry.objects.filter(pk=inquiry.pk).delete()
    land(legacy_file, staged)
    assert state_of(key) == "deleted"
    inquiry.save(force_insert=True)

    assert land(legacy_file, staged)["consultation_inquiries"]["updated"] == 2

    assert state_of(key) == "live"


def test_a_row_that_was_fixed_stays_fixed(legacy_file: Path, staged: list[Stage]) -> None:
    change(legacy_file, _INQUIRY, "odd", None, "seven")
    land(legacy_file, staged)
    row = LedgerRow.objects.using("default").get(key="odd")
    fix_quarantined_rows("default", [RowFix(row.pk, {"priority_score": "7"})], reason="a test", author="sofia")

    assert "quarantined" not in land(legacy_file, staged)["consultation_inquiries"]
    assert ConsultationInquiry.objects.get(external_inquiry_id="odd").priority_score == 7


def test_a_decision_that_was_withdrawn_holds_no_more(legacy_file: Path, staged: list[Stage]) -> None:
    change(legacy_file, _INQUIRY, "odd", None, "seven")
    land(legacy_file, staged)
    row = LedgerRow.objects.using("default").get(key="odd")
    archive_quarantined_rows("default", [row.pk], reason="a test", author="sofia")
    assert "quarantined" not in land(legacy_file, staged)["consultation_inquiries"]
    withdraw_settlements("default", [Settlement.objects.using("default").get().pk], author="sofia")

    assert land(legacy_file, staged)["consultation_inquiries"]["quarantined"] == 1


def test_a_row_of_the_same_identity_steps_in(legacy_file: Path, staged: list[Stage]) -> None:
    change(legacy_file, _MONTH, "another", "2025-03")
    land(legacy_file, staged)
    owner = LedgerRow.objects.using("default").get(legacy_table="business_pipeline", state="quarantined")
    assert owner.key == "another"

    change(legacy_file, "DELETE FROM business_pipeline WHERE pipeline_id = 'month-3'")
    land(legacy_file, staged)

    assert state_of("another", "business_pipeline") == "live"
    assert BusinessPipeline.objects.filter(month="2025-03").count() == 1


def test_a_row_of_the_same_identity_that_comes_is_refused(legacy_file: Path, staged: list[Stage]) -> None:
    change(legacy_file, _MONTH, "another", "2025-03")

    assert land(legacy_file, staged)["business_pipeline"] == {"read": 10, "unchanged": 9, "quarantined": 1}
    assert state_of("month-3", "business_pipeline") == "live"


def test_an_orphan_finds_the_parent_that_comes(legacy_file: Path, staged: list[Stage]) -> None:
    change(legacy_file, _INQUIRY, "orphan", "later", 3)
    land(legacy_file, staged)
    assert ConsultationInquiry.objects.get(external_inquiry_id="orphan").source_post_id is None
    change(legacy_file, _POST, "later")

    land(legacy_file, staged)

    orphan = ConsultationInquiry.objects.get(external_inquiry_id="orphan")
    assert orphan.source_post == Post.objects.get(external_post_id="later")
    assert "source_post_id" not in (LedgerRow.objects.using("default").get(key="orphan").cells or {})


def test_an_orphan_finds_the_parent_made_here_and_loses_it_again(legacy_file: Path, staged: list[Stage]) -> None:
    change(legacy_file, _INQUIRY, "orphan", "ours", 3)
    land(legacy_file, staged)
    ours = make_post(external_post_id="ours")
    land(legacy_file, staged)
    assert ConsultationInquiry.objects.get(external_inquiry_id="orphan").source_post == ours
    Post.objects.filter(pk=ours.pk).update(external_post_id="not ours")

    land(legacy_file, staged)

    assert ConsultationInquiry.objects.get(external_inquiry_id="orphan").source_post_id is None


@pytest.mark.parametrize(("stage", "is_noted"), [("extract", True), ("merge", False)])
def test_a_row_deleted_during_an_import_is_noted_by_it_or_by_the_next(
    legacy_file: Path, staged: list[Stage], stage: StageName, *, is_noted: bool
) -> None:
    key = ConsultationInquiry.objects.order_by("external_inquiry_id")[0].external_inquiry_id
    change(legacy_file, "UPDATE consultation_inquiries SET notes = 'changed' WHERE inquiry_id <> ? AND rowid = 14", key)
    delete = "DELETE FROM consultation_inquiries WHERE external_inquiry_id = %s"

    report, _ = import_meanwhile(
        legacy_file.parent, stage, "consultation_inquiries", lambda: write_as_person(delete, key)
    )

    assert report.error is None
    assert state_of(key) == ("deleted" if is_noted else "live")
    land(legacy_file, staged)
    assert state_of(key) == "deleted"


def test_a_twin_whose_owner_left_steps_in(legacy_file: Path, staged: list[Stage]) -> None:
    folder = legacy_file.parent
    change(folder / DUPLICATE, _INQUIRY, "shared", None, 2)
    change(legacy_file, _INQUIRY, "shared", None, 1)
    land(legacy_file, staged)
    assert run_import("duplicate", folder).error is None
    change(legacy_file, "DELETE FROM consultation_inquiries WHERE inquiry_id = 'shared'")
    land(legacy_file, staged)
    change(folder / DUPLICATE, "UPDATE consultation_inquiries SET notes = 'x' WHERE rowid = 1")
    assert run_import("duplicate", folder).error is None

    assert ConsultationInquiry.objects.get(external_inquiry_id="shared").priority_score == 2
    assert rows("default", "SELECT source, state, owns FROM ledger WHERE key = 'shared' ORDER BY 1") == [
        ("duplicate", "live", True),
        ("primary", "gone", False),
    ]


def test_an_owner_of_lower_precedence_is_taken_over(legacy_file: Path, staged: list[Stage]) -> None:
    folder = legacy_file.parent
    change(folder / DUPLICATE, _INQUIRY, "shared", None, 2)
    assert run_import("duplicate", folder).error is None
    change(legacy_file, _INQUIRY, "shared", None, 1)

    land(legacy_file, staged)

    assert ConsultationInquiry.objects.get(external_inquiry_id="shared").priority_score == 1


def test_rows_that_were_written_anew_keep_their_place_in_the_file(legacy_file: Path, staged: list[Stage]) -> None:
    change(legacy_file, "INSERT OR REPLACE INTO consultation_inquiries SELECT * FROM consultation_inquiries LIMIT 3")

    assert land(legacy_file, staged)["consultation_inquiries"] == {"read": 15, "updated": 1, "unchanged": 14}

    with closing(sqlite3.connect(legacy_file)) as file:
        places = file.execute("SELECT inquiry_id, rowid FROM consultation_inquiries ORDER BY 1").fetchall()
    kept = rows(
        "default",
        "SELECT key, row_id FROM ledger WHERE source = 'primary' AND legacy_table = 'consultation_inquiries'"
        " AND state <> 'gone' ORDER BY key COLLATE \"C\"",
    )
    assert kept == places
