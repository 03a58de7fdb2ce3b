"""Taking a decision back: the row is quarantined again, what it had brought is gone."""

from decimal import Decimal
from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry, Post
from legacy_import.errors import LegacyImportError
from legacy_import.models import ImportRun, LedgerRow, Settlement
from legacy_import.services import (
    RowFix,
    archive_quarantined_rows,
    export_sources,
    fix_quarantined_rows,
    withdraw_settlements,
)
from legacy_import.sources import source_named
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import execute, run_import, state
from tests.integration.legacy_import.desk.desk import INQUIRIES, quarantined, settle
from tests.integration.legacy_import.undo.undoing import undo_latest
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

SET_VALUE = f"UPDATE {INQUIRIES} SET estimated_value = ? WHERE rowid = 3"


@pytest.fixture
def refused(legacy_dir: Path) -> LedgerRow:
    change(legacy_dir / PRIMARY, SET_VALUE, "25,000")
    run_import("primary", legacy_dir)
    return quarantined("default", "primary")[0]


def holding() -> Settlement:
    return Settlement.objects.using("default").get(withdrawn_at=None)


def take_back(row: LedgerRow) -> None:
    done = withdraw_settlements("default", [holding().pk], author="tom")
    assert (done.settled, done.refused) == ((row.pk,), ())


def test_a_withdrawn_fix_leaves_everything_as_it_was(refused: LedgerRow, legacy_dir: Path, tmp_path: Path) -> None:
    before = state("default")
    settle(refused, estimated_value="25000")

    take_back(refused)

    assert state("default") == before
    settlement = Settlement.objects.using("default").get()
    assert (settlement.withdrawn_by, settlement.withdrawn_at is None) == ("tom", False)
    assert run_import("primary", legacy_dir).status == "quarantined"
    assert state("default") == before
    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    assert contents(file.path) == contents(legacy_dir / PRIMARY)


def test_a_withdrawn_acceptance_puts_the_row_back_into_the_quarantine(refused: LedgerRow, legacy_dir: Path) -> None:
    before = state("default")
    archive_quarantined_rows("default", [refused.pk], reason="a test", author="sofia")

    take_back(refused)

    assert state("default") == before
    assert run_import("primary", legacy_dir).status == "quarantined"


def test_imports_in_between_do_not_stand_in_the_way(refused: LedgerRow, legacy_dir: Path) -> None:
    before = state("default")
    settle(refused, estimated_value="25000")
    run_import("primary", legacy_dir)
    run_import("primary", legacy_dir)

    take_back(refused)

    assert state("default") == before


def test_a_row_that_had_landed_before_has_its_last_good_value_again(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, SET_VALUE, 11)
    run_import("primary", legacy_dir)
    change(legacy_dir / PRIMARY, SET_VALUE, "25,000")
    run_import("primary", legacy_dir)
    (row,) = quarantined("default", "primary")
    before = state("default")
    settle(row, estimated_value="25000")
    assert ConsultationInquiry.objects.get(external_inquiry_id=row.key).estimated_value == Decimal(25000)

    take_back(row)

    assert ConsultationInquiry.objects.get(external_inquiry_id=row.key).estimated_value == Decimal(11)
    assert state("default") == before


def test_the_owner_a_fixed_row_took_over_from_owns_again(legacy_dir: Path) -> None:
    set_likes = "UPDATE linkedin_posts SET likes = 'many' WHERE rowid = (SELECT min(rowid) FROM linkedin_posts)"
    change(legacy_dir / PRIMARY, set_likes)
    for source in ("primary", "duplicate"):
        run_import(source, legacy_dir)
    (row,) = quarantined("default", "primary")
    before = state("default")
    settle(row, likes="9090")

    take_back(row)

    assert Post.objects.get(external_post_id=row.key).data_source == "linkedin_duplicate"
    assert state("default") == before


def test_a_merged_row_is_quarantined_again(legacy_dir: Path) -> None:
    set_likes = "UPDATE linkedin_posts SET likes = 'many' WHERE rowid = (SELECT min(rowid) FROM linkedin_posts)"
    change(legacy_dir / DUPLICATE, set_likes)
    for source in ("primary", "duplicate"):
        run_import(source, legacy_dir)
    (row,) = quarantined("default", "duplicate")
    before = state("default")
    settle(row, likes="9090")

    take_back(row)

    assert state("default") == before


def test_the_run_of_a_withdrawal_knows_what_had_been_edited_before_it(refused: LedgerRow) -> None:
    settle(refused, estimated_value="25000")
    with attribute_changes_to("ada"):
        Post.objects.update(week_theme="edited")

    take_back(refused)

    last = ImportRun.objects.using("default").filter(kind="replay").order_by("-started_at")[0]
    assert last.change_mark > 0


def test_a_row_somebody_edited_since_is_left_with_the_name(refused: LedgerRow) -> None:
    settle(refused, estimated_value="25000")
    with attribute_changes_to("ada"):
        ConsultationInquiry.objects.filter(external_inquiry_id=refused.key).update(notes="called")
    before = state("default")

    with pytest.raises(LegacyImportError, match=r"changed here since: .*notes.*ada"):
        withdraw_settlements("default", [holding().pk], author="tom")

    assert state("default") == before
    assert holding().withdrawn_by == ""


def test_one_of_many_is_withdrawn_alone(legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, f"UPDATE {INQUIRIES} SET estimated_value = '25,000'")
    run_import("primary", legacy_dir)
    fixes = [RowFix(row.pk, {"estimated_value": "25000"}) for row in quarantined("default", "primary")]
    fix_quarantined_rows("default", fixes, reason="a test", author="sofia")
    one = Settlement.objects.using("default").order_by("key")[4]

    withdraw_settlements("default", [one.pk], author="tom")

    assert [row.pk for row in quarantined("default", "primary")] == [one.ledger_id]
    assert ConsultationInquiry.objects.count() == 14
    assert Settlement.objects.using("default").filter(withdrawn_at=None).count() == 14


def test_a_decision_is_withdrawn_after_the_import_itself_applied_it(refused: LedgerRow, legacy_dir: Path) -> None:
    """After an undo of everything, the import meets the settlement at once: nothing was quarantined before it."""
    settle(refused, estimated_value="25000")
    execute(
        "default",
        "TRUNCATE posts, consultation_inquiries, ledger, divergence, legacy_file, change_log, before_image,"
        " import_run CASCADE",
    )
    assert run_import("primary", legacy_dir).status == "completed"

    take_back(refused)

    (row,) = quarantined("default", "primary")
    assert row.pk == refused.pk
    assert row.reasons == refused.reasons
    assert not ConsultationInquiry.objects.filter(external_inquiry_id=refused.key).exists()
    after = state("default")
    assert run_import("primary", legacy_dir).status == "quarantined"
    assert state("default") == after


def test_a_decision_the_row_has_outlived_is_only_noted(refused: LedgerRow, legacy_dir: Path) -> None:
    settle(refused, estimated_value="25000")
    change(legacy_dir / PRIMARY, SET_VALUE, 31)
    run_import("primary", legacy_dir)
    before = state("default")

    take_back(refused)

    assert state("default") == before
    assert ConsultationInquiry.objects.get(external_inquiry_id=refused.key).estimated_value == Decimal(31)


def test_a_decision_is_withdrawn_once(refused: LedgerRow) -> None:
    settle(refused, estimated_value="25000")
    settlement = holding()
    take_back(refused)

    with pytest.raises(LegacyImportError, match="tom has withdrawn the decision at"):
        withdraw_settlements("default", [settlement.pk], author="sofia")
    assert ImportRun.objects.using("default").filter(kind="replay").count() == 2


def test_a_withdrawn_row_can_be_settled_again(refused: LedgerRow, legacy_dir: Path) -> None:
    settle(refused, estimated_value="25000")
    take_back(refused)

    settle(refused, estimated_value="26000")

    assert ConsultationInquiry.objects.get(external_inquiry_id=refused.key).estimated_value == Decimal(26000)
    assert run_import("primary", legacy_dir).status == "completed"


def test_decisions_that_stand_on_each_other_are_withdrawn_together(legacy_dir: Path) -> None:
    """A post and its inquiry, fixed in two calls: their runs' ids are random, and either may come first."""
    parent = "SELECT source_post_id FROM consultation_inquiries WHERE rowid = 3"
    change(legacy_dir / PRIMARY, f"UPDATE linkedin_posts SET likes = 'many' WHERE post_id = ({parent})")
    change(legacy_dir / PRIMARY, SET_VALUE, "25,000")
    run_import("primary", legacy_dir)
    before = state("default")

    for _ in range(5):
        inquiry, post = sorted(quarantined("default", "primary"), key=lambda row: row.legacy_table)
        settle(post, likes="5")
        settle(inquiry, estimated_value="25000")
        both = list(Settlement.objects.using("default").filter(withdrawn_at=None).values_list("pk", flat=True))
        assert set(withdraw_settlements("default", both, author="tom").settled) == {post.pk, inquiry.pk}
        assert state("default") == before


def test_a_row_that_only_moved_in_its_file_is_no_hindrance(refused: LedgerRow, legacy_dir: Path) -> None:
    before = {row.pk: row.state for row in LedgerRow.objects.using("default").all()}
    settle(refused, estimated_value="25000")
    change(legacy_dir / PRIMARY, f"INSERT OR REPLACE INTO {INQUIRIES} SELECT * FROM {INQUIRIES} WHERE rowid = 3")
    run_import("primary", legacy_dir)
    moved_to = LedgerRow.objects.using("default").get(pk=refused.pk).row_id
    assert moved_to != 3

    take_back(refused)

    row = LedgerRow.objects.using("default").get(pk=refused.pk)
    assert (row.state, row.row_id) == ("quarantined", moved_to)
    undo_latest("primary")
    assert {row.pk: row.state for row in LedgerRow.objects.using("default").all()} == before
    assert LedgerRow.objects.using("default").get(pk=refused.pk).row_id == 3
    assert not ConsultationInquiry.objects.filter(external_inquiry_id=refused.key).exists()
