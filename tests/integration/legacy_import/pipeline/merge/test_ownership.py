"""Whose row it is: what a new owner takes over, and rows that were made here first."""

from decimal import Decimal
from pathlib import Path

import pytest

from business_core.models import ConsultationInquiry, Post
from legacy_import.models import Divergence, LedgerRow
from legacy_import.services import export_sources
from legacy_import.sources import source_named
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.factories import make_post
from tests.imports import rows, run_import
from tests.legacy_files import PRIMARY, change, contents

pytestmark = pytest.mark.django_db(databases=["default", "analytics"], transaction=True)

CONTENT = "content_analytics.db"
SHARED = "shared-inquiry"


@pytest.fixture
def shared_inquiry(legacy_dir: Path) -> Path:
    """Give the content file an inquiry, with an industry, that the primary has as well, without one."""
    change(
        legacy_dir / CONTENT,
        "INSERT INTO business_pipeline (inquiry_id, inquiry_date, inquiry_type, industry, project_value)"
        " VALUES (?, '2025-08-01', 'architecture', 'Software', 9000.0)",
        SHARED,
    )
    change(legacy_dir / PRIMARY, "UPDATE consultation_inquiries SET inquiry_id = ? WHERE rowid = 1", SHARED)
    return legacy_dir


def test_columns_the_new_owner_lacks_go_back_to_their_default(shared_inquiry: Path) -> None:
    run_import("content", shared_inquiry)
    assert ConsultationInquiry.objects.get(external_inquiry_id=SHARED).industry == "Software"

    run_import("primary", shared_inquiry)

    taken_over = ConsultationInquiry.objects.get(external_inquiry_id=SHARED)
    assert taken_over.industry is None
    assert taken_over.data_source == "linkedin_primary"
    said = Divergence.objects.using("default").get(key=SHARED, column="industry")
    assert (said.source, said.kept, said.other) == ("content", None, "Software")


def test_an_edit_of_a_column_the_new_owner_lacks_stays(shared_inquiry: Path) -> None:
    run_import("content", shared_inquiry)
    with attribute_changes_to("sofia"):
        ConsultationInquiry.objects.filter(external_inquiry_id=SHARED).update(industry="Shipping")

    run_import("primary", shared_inquiry)

    assert ConsultationInquiry.objects.get(external_inquiry_id=SHARED).industry == "Shipping"


def test_the_old_owners_row_comes_back_without_the_edits_made_to_it(shared_inquiry: Path, tmp_path: Path) -> None:
    run_import("content", shared_inquiry)
    ConsultationInquiry.objects.filter(external_inquiry_id=SHARED).update(industry="Shipping", status="qualified")
    run_import("primary", shared_inquiry)

    (file,) = export_sources([source_named("content")], tmp_path / "out")

    assert contents(file.path) == contents(shared_inquiry / CONTENT)


def test_a_row_made_here_first_sends_the_legacy_row_to_quarantine(legacy_dir: Path) -> None:
    key = contents(legacy_dir / PRIMARY)["linkedin_posts"][0][2].decode()
    make_post(external_post_id=key, content="Made here")

    report = run_import("primary", legacy_dir)

    assert report.tables["linkedin_posts"].quarantined == 1
    assert report.tables["linkedin_posts"].inserted == 6
    assert Post.objects.get(external_post_id=key).content == "Made here"
    row = LedgerRow.objects.using("default").get(source="primary", state="quarantined")
    assert row.reasons == [{"column": "post_id", "expected": "a value that no row made here already has", "found": key}]


def test_an_inquiry_finds_the_post_made_here_under_its_legacy_key(legacy_dir: Path) -> None:
    key = contents(legacy_dir / PRIMARY)["consultation_inquiries"][0][4].decode()
    made_here = make_post(external_post_id=key)

    run_import("primary", legacy_dir)

    first = contents(legacy_dir / PRIMARY)["consultation_inquiries"][0][2].decode()
    assert ConsultationInquiry.objects.get(external_inquiry_id=first).source_post == made_here


def test_a_view_shows_the_twin_that_stepped_in(legacy_dir: Path) -> None:
    pattern = (
        "(pattern_id, pattern_type, pattern_value, avg_engagement_rate, avg_consultation_conversion, sample_size, "
    )
    insert = f"INSERT INTO content_patterns {pattern} confidence_score) VALUES (?, 'hook', 'shared', ?, 0.1, 50, 0.95)"
    change(legacy_dir / "performance_analytics.db", insert, "owner", 0.5)
    change(legacy_dir / "optimized_performance_analytics.db", insert, "twin", 0.25)
    run_import("performance", legacy_dir)
    run_import("performance_optimized", legacy_dir)
    shown = "SELECT avg_engagement_rate FROM top_performing_patterns WHERE pattern_value = 'shared'"
    assert rows("analytics", shown) == [(Decimal("0.5000"),)]
    change(legacy_dir / "performance_analytics.db", "DELETE FROM content_patterns WHERE pattern_id = 'owner'")

    run_import("performance", legacy_dir)

    assert rows("analytics", shown) == [(Decimal("0.2500"),)]


def test_an_edit_of_a_column_the_next_owner_lacks_outlives_it(legacy_dir: Path) -> None:
    week3 = legacy_dir / "week3_business_development.db"
    key = contents(week3)["week3_posts"][0][2].decode()
    first = "(SELECT min(rowid) FROM linkedin_posts)"
    change(legacy_dir / PRIMARY, f"UPDATE linkedin_posts SET post_id = ? WHERE rowid = {first}", key)
    run_import("week3", legacy_dir)
    with attribute_changes_to("sofia"):
        Post.objects.filter(external_post_id=key).update(target_consultation_type="Edited here")
    run_import("primary", legacy_dir)
    change(legacy_dir / PRIMARY, "DELETE FROM linkedin_posts WHERE post_id = ?", key)

    run_import("primary", legacy_dir)

    post = Post.objects.get(external_post_id=key)
    assert (post.data_source, post.target_consultation_type) == ("week3", "Edited here")


def test_inquiries_stay_with_a_post_whose_legacy_key_was_edited(legacy_dir: Path, tmp_path: Path) -> None:
    run_import("primary", legacy_dir)
    linked = "SELECT inquiry_id, source_post_id FROM consultation_inquiries ORDER BY 1"
    before = rows("default", linked)
    with attribute_changes_to("sofia"):
        for post in Post.objects.all():
            Post.objects.filter(pk=post.pk).update(external_post_id=f"renamed-{post.external_post_id}")

    report = run_import("primary", legacy_dir)

    assert rows("default", linked) == before
    assert report.tables["consultation_inquiries"].unchanged == 15
    (file,) = export_sources([source_named("primary")], tmp_path / "out")
    posts = {row[2] for row in contents(file.path)["linkedin_posts"]}
    assert {row[4] for row in contents(file.path)["consultation_inquiries"]} <= posts
