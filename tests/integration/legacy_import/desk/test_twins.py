"""Fixed rows that several sources hold: who owns them, and what is told of the differences."""

from pathlib import Path

import pytest

from business_core.models import Post
from legacy_import.models import Divergence, LedgerRow
from legacy_import.services import export_sources
from legacy_import.sources import source_named
from tests.imports import run_import, state, versions
from tests.integration.legacy_import.desk.desk import quarantined, settle
from tests.legacy_files import DUPLICATE, PRIMARY, change, contents

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

SET_LIKES = "UPDATE linkedin_posts SET likes = ? WHERE rowid = (SELECT min(rowid) FROM linkedin_posts)"


def refuse_in(legacy_dir: Path, path: str) -> None:
    change(legacy_dir / path, SET_LIKES, "about ninety")
    for source in ("primary", "duplicate"):
        run_import(source, legacy_dir)


def assert_both_files_come_back(legacy_dir: Path, tmp_path: Path) -> None:
    for source in ("primary", "duplicate"):
        (file,) = export_sources([source_named(source)], tmp_path / source)
        assert contents(file.path) == contents(legacy_dir / source_named(source).path)


def test_a_fixed_row_of_lower_precedence_merges_and_its_reading_is_what_diverges(
    legacy_dir: Path, tmp_path: Path
) -> None:
    refuse_in(legacy_dir, DUPLICATE)
    (row,) = quarantined("default", "duplicate")

    settle(row, likes="9090")

    row.refresh_from_db()
    assert row.state == "merged"
    assert Divergence.objects.using("default").get(ledger=row, column="likes").other == 9090
    before = versions("default")
    assert run_import("duplicate", legacy_dir).status == "completed"
    assert versions("default") == before
    assert_both_files_come_back(legacy_dir, tmp_path)


def test_a_merged_row_steps_in_with_its_fix(legacy_dir: Path, tmp_path: Path) -> None:
    refuse_in(legacy_dir, DUPLICATE)
    (row,) = quarantined("default", "duplicate")
    settle(row, likes="9090")
    change(legacy_dir / PRIMARY, "DELETE FROM linkedin_posts WHERE post_id = ?", row.key)

    run_import("primary", legacy_dir)

    post = Post.objects.get(external_post_id=row.key)
    assert (post.data_source, post.likes) == ("linkedin_duplicate", 9090)
    assert_both_files_come_back(legacy_dir, tmp_path)
    told = state("default")
    assert run_import("duplicate", legacy_dir).status == "completed"
    assert state("default") == told


def test_a_fixed_row_of_higher_precedence_takes_over(legacy_dir: Path, tmp_path: Path) -> None:
    refuse_in(legacy_dir, PRIMARY)
    (row,) = quarantined("default", "primary")
    assert Post.objects.get(external_post_id=row.key).data_source == "linkedin_duplicate"

    settle(row, likes="9090")

    post = Post.objects.get(external_post_id=row.key)
    assert (post.data_source, post.likes) == ("linkedin_primary", 9090)
    states = dict(LedgerRow.objects.using("default").filter(key=row.key).values_list("source", "state"))
    assert states == {"primary": "live", "duplicate": "merged"}
    assert_both_files_come_back(legacy_dir, tmp_path)


def test_a_fixed_owner_that_is_taken_over_and_steps_in_again_keeps_its_fix(legacy_dir: Path, tmp_path: Path) -> None:
    change(legacy_dir / DUPLICATE, SET_LIKES, "about ninety")
    run_import("duplicate", legacy_dir)
    (row,) = quarantined("default", "duplicate")
    settle(row, likes="9090")
    run_import("primary", legacy_dir)
    row.refresh_from_db()
    assert row.state == "merged"
    change(legacy_dir / PRIMARY, "DELETE FROM linkedin_posts WHERE post_id = ?", row.key)

    run_import("primary", legacy_dir)

    assert Post.objects.get(external_post_id=row.key).likes == 9090
    assert_both_files_come_back(legacy_dir, tmp_path)
