"""References that no foreign key holds: what finds its row in the files finds it here; orphans are told, no more."""

from pathlib import Path

import pytest

from business_core.models import Post
from revenue.models import ABTestVariant
from synapse.kit.change_log.authorship import attribute_changes_to
from tests.imports import execute
from tests.integration.legacy_import.validation.verdicts import Checks, failed
from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

NAME = "content_management: references"


@pytest.fixture
def named_post(checks: Checks, legacy_dir: Path) -> Post:
    """A post that an adaptation names, in another database."""
    checks("primary")
    post = Post.objects.order_by("external_post_id")[0]
    change(
        legacy_dir / "unified_content_management.db",
        "UPDATE platform_adaptations SET post_id = ? WHERE rowid = 1",
        post.external_post_id,
    )
    change(
        legacy_dir / "unified_content_management.db", "UPDATE platform_adaptations SET post_id = NULL WHERE rowid > 1"
    )
    return post


def test_a_reference_that_resolves_in_both_passes(checks: Checks, named_post: Post) -> None:
    check = checks("content_management")[NAME]

    assert (check.passed, check.detail) == (True, "1 references found in both systems")


def test_a_named_post_that_is_gone_fails_by_column_and_key(checks: Checks, named_post: Post) -> None:
    execute("default", "DELETE FROM posts WHERE post_id = %s", [named_post.pk])

    check = checks("content_management")[NAME]

    assert not check.passed
    (found,) = check.differences
    assert (found.table, found.column, found.key) == ("platform_adaptations", "post_id", named_post.external_post_id)


def test_a_named_post_whose_key_was_changed_fails_until_it_is_put_right(checks: Checks, named_post: Post) -> None:
    sql = "UPDATE posts SET external_post_id = %s WHERE post_id = %s"
    execute("default", sql, ["another", named_post.pk])

    assert NAME in failed(checks("content_management"))
    execute("default", sql, [named_post.external_post_id, named_post.pk])
    assert failed(checks("content_management")) == {}


def test_a_named_post_deleted_by_somebody_is_explained(checks: Checks, named_post: Post) -> None:
    with attribute_changes_to("sofia"):
        named_post.delete()

    check = checks("content_management")[NAME]

    assert check.passed
    assert [(d.explanation, d.author) for d in check.differences] == [("edited here", "sofia")]


def test_an_orphan_of_the_files_is_told_and_fails_nothing(checks: Checks, legacy_dir: Path) -> None:
    change(legacy_dir / "unified_content_management.db", "UPDATE platform_adaptations SET post_id = 'nowhere'")

    check = checks("content_management")[NAME]

    assert (check.passed, check.detail) == (
        True,
        "0 references found in both systems; 1 that no legacy file resolves either",
    )


def test_a_reference_to_a_row_in_quarantine_is_told_as_such(checks: Checks, legacy_dir: Path) -> None:
    change(legacy_dir / PRIMARY, "UPDATE linkedin_posts SET post_id = 'refused', likes = 'many' WHERE rowid % 7 = 0")
    change(legacy_dir / "unified_content_management.db", "UPDATE platform_adaptations SET post_id = 'refused'")
    checks("primary")

    check = checks("content_management")[NAME]

    assert check.passed
    assert [d.explanation for d in check.differences] == ["in quarantine"]


def test_a_winning_variant_that_is_gone_is_found(checks: Checks) -> None:
    checks("primary", "ab_testing")
    winner = ABTestVariant.objects.filter(is_winner=True)[0]
    execute("revenue", "DELETE FROM test_variants WHERE variant_id = %s", [winner.pk])

    check = checks("ab_testing")["ab_testing: references"]

    assert not check.passed
    assert ("ab_tests", "winning_variant") in {(d.table, d.column) for d in check.differences}
