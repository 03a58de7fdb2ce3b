"""Names that SQLite reads in any case, texts too long for an index, JSON too deep: no file is stopped by them."""

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from legacy_import.models import LedgerRow
from legacy_import.pipeline.report import SourceReport
from legacy_import.services import export_sources
from legacy_import.sources import source_named
from tests.imports import rows, run_import
from tests.integration.legacy_import.pipeline.properties.file_dump import dump
from tests.integration.legacy_import.pipeline.properties.validating import failures

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

LIMIT = 2_600


def path_of(source: str, folder: Path) -> Path:
    return folder / source_named(source).path


def sql(source: str, folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path_of(source, folder))) as file, file:
        for statement in statements:
            file.execute(statement)


def reasons(source: str) -> list[tuple[str, str]]:
    quarantined = LedgerRow.objects.using(source_named(source).database).filter(source=source, state="quarantined")
    return [(reason["column"], reason["expected"]) for row in quarantined for reason in row.reasons or []]


def import_and_compare(source: str, folder: Path) -> SourceReport:
    """Import the file, validate it, rebuild it and hold the two against each other."""
    report = run_import(source, folder)
    assert report.error is None
    (file,) = export_sources([source_named(source)], folder / "out")
    assert dump(file.path) == dump(path_of(source, folder))
    assert failures(source_named(source), folder) == []
    return report


def test_a_file_whose_names_are_spelled_in_another_case_lands_and_keeps_its_spelling(legacy_dir: Path) -> None:
    sql(
        "primary",
        legacy_dir,
        "ALTER TABLE linkedin_posts RENAME COLUMN post_id TO Post_ID",
        "ALTER TABLE linkedin_posts RENAME COLUMN views TO VIEWS",
        "ALTER TABLE consultation_inquiries RENAME COLUMN source_post_id TO SOURCE_post_id",
        "ALTER TABLE linkedin_posts RENAME TO other",
        "ALTER TABLE other RENAME TO LinkedIn_Posts",
        "UPDATE consultation_inquiries SET source_post_id = 'nobody' WHERE rowid = 1",
    )

    report = import_and_compare("primary", legacy_dir)

    assert report.status == "completed"
    assert report.tables["linkedin_posts"].inserted == 7
    assert not [note for note in report.notes if "not declared" in note or "has no column" in note]


def test_only_the_case_of_ascii_letters_is_ignored(legacy_dir: Path) -> None:
    sql(
        "primary",
        legacy_dir,
        # The Kelvin sign, which Python's lower() makes a k.
        'ALTER TABLE linkedin_posts ADD COLUMN "li\u212aes" TEXT',
        "UPDATE linkedin_posts SET \"li\u212aes\" = 'forty'",
        'CREATE TABLE "lin\u212aedin_posts" (a)',
    )

    report = import_and_compare("primary", legacy_dir)

    assert report.status == "completed"
    assert "column linkedin_posts.li\u212aes is not declared; the ledger keeps it" in report.notes


def test_a_file_that_changes_the_case_of_its_names_changes_nothing_else(legacy_dir: Path) -> None:
    run_import("primary", legacy_dir)
    sql(
        "primary",
        legacy_dir,
        "ALTER TABLE linkedin_posts RENAME COLUMN content TO Content",
        "ALTER TABLE linkedin_posts RENAME TO other",
        "ALTER TABLE other RENAME TO LINKEDIN_POSTS",
    )

    report = import_and_compare("primary", legacy_dir)

    assert report.tables["linkedin_posts"].unchanged == 7


def test_a_generated_column_may_be_named_rowid(legacy_dir: Path) -> None:
    sql(
        "primary",
        legacy_dir,
        "CREATE TABLE odd (a, rowid GENERATED ALWAYS AS (a || '!') VIRTUAL)",
        "INSERT INTO odd VALUES ('x'), ('y')",
    )

    assert import_and_compare("primary", legacy_dir).tables["odd"].archived == 2


def test_two_tables_never_share_a_row_of_the_ledger(legacy_dir: Path) -> None:
    sql(
        "primary",
        legacy_dir,
        'CREATE TABLE "notes" (id TEXT PRIMARY KEY, body)',
        'CREATE TABLE "notes/a" (id TEXT PRIMARY KEY, body)',
        "INSERT INTO notes VALUES ('a/b', 'one')",
        "INSERT INTO \"notes/a\" VALUES ('b', 'two')",
    )

    report = import_and_compare("primary", legacy_dir)

    assert (report.tables["notes"].archived, report.tables["notes/a"].archived) == (1, 1)


INDEXED = {
    "primary": [
        ("linkedin_posts", "business_objective", "idx_posts_business_objective"),
        ("linkedin_posts", "post_id", "posts_external_post_id_key"),
        ("consultation_inquiries", "inquiry_id", "consultation_inquiries_external_inquiry_id_key"),
        ("consultation_inquiries", "status", "idx_inquiries_status_created"),
    ],
    "revenue": [
        ("revenue_opportunities", "customer_segment", "idx_opportunities_segment_revenue"),
        ("revenue_opportunities", "status", "idx_opportunities_status_created"),
    ],
    "ab_testing": [
        ("ab_tests", "status", "idx_tests_status_dates"),
        ("test_variants", "variant_name", "test_variants_test_id_variant_name_key"),
    ],
    "content_management": [("platform_adaptations", "platform", "idx_adaptations_content_platform")],
}


@pytest.mark.parametrize("source", INDEXED)
def test_a_text_too_long_for_its_index_is_quarantined_and_one_that_fits_lands(source: str, legacy_dir: Path) -> None:
    # Random digits, which PostgreSQL cannot compress.
    digits = f"hex(randomblob({LIMIT // 2}))"
    for table, column, _ in INDEXED[source]:
        row = f"SELECT * FROM {table} ORDER BY rowid LIMIT 1"
        for number, text in enumerate((digits, f"substr({digits}, 2) || 'é'")):
            sql(
                source,
                legacy_dir,
                f"CREATE TEMPORARY TABLE added AS {row}",
                f"UPDATE added SET {key_of(source, table)} = '{column} {number}'",
                f"UPDATE added SET {column} = {text}",
                f"INSERT INTO {table} SELECT * FROM added",
            )

    import_and_compare(source, legacy_dir)

    expected = [(column, f"at most {LIMIT:,} bytes, for the index {index}") for _, column, index in INDEXED[source]]
    assert sorted(reasons(source)) == sorted(expected)


def key_of(source: str, table: str) -> str:
    declared = source_named(source).find_table(table)
    assert declared
    return declared.key


def test_texts_that_share_an_index_are_measured_together(legacy_dir: Path) -> None:
    sql(
        "attribution",
        legacy_dir,
        "UPDATE attribution_tracking SET content_id = hex(randomblob(650)), platform = hex(randomblob(650))"
        " WHERE rowid = (SELECT max(rowid) FROM attribution_tracking)",
        "UPDATE attribution_tracking SET content_id = hex(randomblob(651)), platform = hex(randomblob(650))"
        " WHERE rowid = (SELECT min(rowid) FROM attribution_tracking)",
    )

    report = import_and_compare("attribution", legacy_dir)

    assert report.tables["attribution_tracking"].quarantined == 1
    together = f"at most {LIMIT:,} bytes together, for the index idx_attribution_content_platform"
    assert reasons("attribution") == [("content_id, platform", together)]


def test_three_megabytes_that_do_not_compress_land_where_no_index_is(legacy_dir: Path) -> None:
    sql("primary", legacy_dir, "UPDATE linkedin_posts SET content = hex(randomblob(1500000)) WHERE rowid % 2")

    assert import_and_compare("primary", legacy_dir).status == "completed"


def test_a_long_key_that_no_target_column_takes_lands(legacy_dir: Path) -> None:
    sql(
        "attribution", legacy_dir, "UPDATE attribution_tracking SET tracking_id = hex(randomblob(5000)) WHERE rowid = 1"
    )

    assert import_and_compare("attribution", legacy_dir).status == "completed"


def test_json_nested_too_deep_is_quarantined_and_stops_nothing(legacy_dir: Path) -> None:
    sql(
        "attribution",
        legacy_dir,
        f"UPDATE attribution_tracking SET metadata = '{'[' * 100_000}{']' * 100_000}' WHERE rowid = 1",
        f"UPDATE attribution_tracking SET metadata = '{'[' * 200}{']' * 200}' WHERE rowid = 2",
        "UPDATE attribution_tracking SET metadata = '1e100000' WHERE rowid = 3",
    )

    report = import_and_compare("attribution", legacy_dir)

    assert report.tables["attribution_tracking"].quarantined == 2
    assert {column for column, _ in reasons("attribution")} == {"metadata"}


def test_minus_zero_comes_back_with_its_sign(legacy_dir: Path) -> None:
    sql("primary", legacy_dir, "UPDATE linkedin_posts SET actual_engagement_rate = -0.0 WHERE rowid % 2")

    assert import_and_compare("primary", legacy_dir).status == "completed"
    assert rows("default", "SELECT count(*) FROM posts WHERE actual_engagement_rate = 0") != [(0,)]


def test_what_is_no_money_is_worth_nothing_on_both_sides(legacy_dir: Path) -> None:
    cells = ["CAST(x'636166e9' AS TEXT)", "'1_000'", "'٤'", "1e300", "'1e300 '", "9e999", "x'35'"]
    sql(
        "content",
        legacy_dir,
        *(
            "INSERT INTO business_pipeline (inquiry_id, inquiry_date, inquiry_type, project_value)"
            f" VALUES ('key {number}', '', 'x', {cell})"
            for number, cell in enumerate([*cells, "5", "10.5", "'7.125'"])
        ),
    )

    report = import_and_compare("content", legacy_dir)

    assert report.tables["business_pipeline"].quarantined == len(cells)
    assert rows("default", "SELECT sum(estimated_value) FROM consultation_inquiries") == [(Decimal("22.63"),)]


def test_keys_that_are_numbers_or_look_like_tags_land_and_come_back(legacy_dir: Path) -> None:
    sql(
        "attribution",
        legacy_dir,
        "DROP TABLE attribution_tracking",
        "CREATE TABLE attribution_tracking (tracking_id PRIMARY KEY, content_id, platform, touchpoint, user_id,"
        " session_id, timestamp, value, metadata, processed)",
        "INSERT INTO attribution_tracking (tracking_id, content_id, platform, touchpoint)"
        " VALUES (7, 'a', 'b', 'c'), (7.5, 'a', 'b', 'c'), (char(1) || 'i:8', 'a', 'b', 'c'), (x'37', 'a', 'b', 'c')",
    )

    report = import_and_compare("attribution", legacy_dir)

    assert report.tables["attribution_tracking"].inserted == 3
    assert reasons("attribution") == [("tracking_id", "a key")]


def test_a_reference_that_looks_like_a_tag_finds_its_own_parent_and_no_other(legacy_dir: Path) -> None:
    sql(
        "primary",
        legacy_dir,
        "UPDATE linkedin_posts SET post_id = '5' WHERE rowid = (SELECT min(rowid) FROM linkedin_posts)",
        "UPDATE linkedin_posts SET post_id = char(1) || 'i:5' WHERE rowid = (SELECT max(rowid) FROM linkedin_posts)",
        "UPDATE consultation_inquiries SET source_post_id = NULL",
        "UPDATE consultation_inquiries SET source_post_id = char(1) || 'i:5' WHERE rowid = 1",
    )

    import_and_compare("primary", legacy_dir)

    found = rows(
        "default",
        "SELECT p.external_post_id FROM consultation_inquiries AS i JOIN posts AS p ON p.post_id = i.source_post_id",
    )
    assert found == [("\x01i:5",)]
