"""The two LinkedIn files, imported in either order: whose rows stand, what is kept of the others."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Count, Sum

from business_core.models import ConsultationInquiry, Post
from legacy_import.models import Divergence, LedgerRow
from tests.imports import counts, rows, run_import, state, versions

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)


def pipeline() -> tuple[int, Decimal]:
    totals = ConsultationInquiry.objects.aggregate(Count("pk"), Sum("estimated_value"))
    return totals["pk__count"], totals["estimated_value__sum"]


def test_primary_lands_its_posts_and_the_555000_pipeline(real_legacy_dir: Path) -> None:
    report = run_import("primary", real_legacy_dir)

    assert counts(report) == {
        "linkedin_posts": {"read": 7, "inserted": 7},
        "consultation_inquiries": {"read": 15, "inserted": 15},
    }
    assert Post.objects.count() == 7
    assert pipeline() == (15, Decimal(555000))


def test_duplicate_after_primary_adds_its_inquiry_and_merges_its_posts(real_legacy_dir: Path) -> None:
    run_import("primary", real_legacy_dir)
    before = rows("default", "SELECT * FROM posts ORDER BY post_id")

    report = run_import("duplicate", real_legacy_dir)

    assert counts(report) == {
        "linkedin_posts": {"read": 7, "merged": 7},
        "consultation_inquiries": {"read": 1, "inserted": 1},
    }
    assert pipeline() == (16, Decimal(580000))
    assert rows("default", "SELECT * FROM posts ORDER BY post_id") == before


def test_primary_after_duplicate_ends_in_the_same_state(real_legacy_dir: Path) -> None:
    run_import("primary", real_legacy_dir)
    run_import("duplicate", real_legacy_dir)
    expected = state("default")
    for model in (Divergence, LedgerRow, ConsultationInquiry, Post):
        model.objects.using("default").all().delete()

    run_import("duplicate", real_legacy_dir)
    report = run_import("primary", real_legacy_dir)

    assert counts(report)["linkedin_posts"] == {"read": 7, "updated": 7}
    assert pipeline() == (16, Decimal(580000))
    assert state("default") == expected


def test_what_the_duplicate_says_differently_is_shown(real_legacy_dir: Path) -> None:
    run_import("primary", real_legacy_dir)
    run_import("duplicate", real_legacy_dir)

    said = Divergence.objects.using("default").filter(column="consultation_requests").order_by("key")
    assert [(one.source, one.key, one.kept, one.other) for one in said] == [
        ("duplicate", "2025-01-20-monday-10x-teams", 2, 1),
        ("duplicate", "2025-01-21-tuesday-code-reviews", 1, 0),
        ("duplicate", "2025-01-22-wednesday-hiring", 1, 0),
    ]
    assert Divergence.objects.using("default").filter(column="updated_at").count() == 7


def test_importing_again_rewrites_no_row(real_legacy_dir: Path) -> None:
    run_import("primary", real_legacy_dir)
    run_import("duplicate", real_legacy_dir)
    before = versions("default")

    again = [run_import("primary", real_legacy_dir), run_import("duplicate", real_legacy_dir)]

    assert [counts(report) for report in again] == [
        {
            "linkedin_posts": {"read": 7, "unchanged": 7},
            "consultation_inquiries": {"read": 15, "unchanged": 15},
        },
        {"linkedin_posts": {"read": 7, "unchanged": 7}, "consultation_inquiries": {"read": 1, "unchanged": 1}},
    ]
    assert versions("default") == before


def test_both_clocks_are_read_as_the_legacy_code_wrote_them(real_legacy_dir: Path) -> None:
    run_import("primary", real_legacy_dir)

    post = Post.objects.get(external_post_id="2025-01-20-monday-10x-teams")
    inquiry = ConsultationInquiry.objects.get(external_inquiry_id="inquiry-20250819195245")
    assert post.posted_at == datetime(2025, 1, 20, 5, 0, tzinfo=UTC)
    assert post.updated_at == datetime(2025, 8, 24, 10, 54, 7, tzinfo=UTC)
    assert inquiry.created_at == datetime(2025, 8, 19, 16, 52, 45, 846021, tzinfo=UTC)


def test_dry_run_says_what_would_happen_and_changes_nothing(real_legacy_dir: Path, backup_dir: Path) -> None:
    run_import("duplicate", real_legacy_dir)
    before, kept = versions("default"), sorted(backup_dir.rglob("*"))

    report = run_import("primary", real_legacy_dir, dry_run=True)

    assert counts(report) == {
        "linkedin_posts": {"read": 7, "updated": 7},
        "consultation_inquiries": {"read": 15, "inserted": 15},
    }
    assert versions("default") == before
    assert rows("default", "SELECT count(*) FROM import_run") == [(1,)]
    assert [path for path in sorted(backup_dir.rglob("*")) if path.is_file()] == [p for p in kept if p.is_file()]
