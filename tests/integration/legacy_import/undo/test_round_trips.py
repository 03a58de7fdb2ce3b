"""Whatever an import did, its undo puts everything back exactly; and importing again is as if nothing had been."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.legacy_import.orders import differences, whole_state
from tests.imports import rows, run_import
from tests.integration.legacy_import.undo.undoing import everything, undo_latest
from tests.legacy_files import DUPLICATE, PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "revenue", "analytics"], transaction=True)

CONTENT = "content_analytics.db"
AB_TESTING = "ab_testing.db"

MONTH = "INSERT INTO business_pipeline (pipeline_id, month, total_posts) VALUES (?, ?, ?)"


def no_change(folder: Path) -> None:
    """Import the file as it is."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is imported before, what happens to the file then, and whose import comes and goes."""

    source: str
    before: tuple[str, ...]
    change: Callable[[Path], None] = no_change
    prepare: Callable[[Path], None] = no_change
    alias: str = "default"


def many_changes(folder: Path) -> None:
    path = folder / PRIMARY
    change(path, "UPDATE consultation_inquiries SET company = 'Renamed', status = 'contacted' WHERE rowid < 5")
    change(path, "UPDATE linkedin_posts SET likes = likes + 7, content = content || '!'")
    change(path, "DELETE FROM consultation_inquiries WHERE rowid = 6")
    change(path, "UPDATE consultation_inquiries SET estimated_value = 'a lot' WHERE rowid = 7")
    change(
        path, "INSERT INTO linkedin_posts (post_id, content, posted_at) VALUES ('new', 'Text', '2025-08-01T10:00:00')"
    )


def mended(folder: Path) -> None:
    change(folder / PRIMARY, "UPDATE consultation_inquiries SET estimated_value = 12000 WHERE rowid = 7")


def broken(folder: Path) -> None:
    change(folder / PRIMARY, "UPDATE consultation_inquiries SET estimated_value = 'a lot' WHERE rowid = 7")


def an_added_column(folder: Path) -> None:
    change(folder / PRIMARY, "ALTER TABLE linkedin_posts ADD COLUMN mood TEXT")
    change(folder / PRIMARY, "UPDATE linkedin_posts SET mood = 'calm'")
    change(folder / PRIMARY, "CREATE TABLE old_note (id INTEGER PRIMARY KEY, note TEXT)")
    change(folder / PRIMARY, "INSERT INTO old_note (note) VALUES ('one'), (NULL)")


def three_months(folder: Path) -> None:
    for number in (1, 2, 3):
        change(folder / PRIMARY, MONTH, f"p{number}", f"2025-0{number}", number)


def rename(**months: str) -> Callable[[Path], None]:
    def renaming(folder: Path) -> None:
        for key, month in months.items():
            change(folder / PRIMARY, "UPDATE business_pipeline SET month = ? WHERE pipeline_id = ?", month, key)
        change(folder / PRIMARY, "UPDATE business_pipeline SET total_posts = total_posts + 10")

    return renaming


def shared_inquiry(folder: Path) -> None:
    """Give the content file an inquiry, with an industry, that the primary has as well, without one."""
    change(
        folder / CONTENT,
        "INSERT INTO business_pipeline (inquiry_id, inquiry_date, inquiry_type, industry, project_value)"
        " VALUES ('shared', '2025-08-01', 'architecture', 'Software', 9000.0)",
    )
    change(folder / PRIMARY, "UPDATE consultation_inquiries SET inquiry_id = 'shared' WHERE rowid = 1")


def owners_that_leave(folder: Path) -> None:
    change(folder / PRIMARY, "DELETE FROM linkedin_posts WHERE rowid % 2 = 0")


def orphans(folder: Path) -> None:
    change(folder / DUPLICATE, "DELETE FROM linkedin_posts")


def other_tests(folder: Path) -> None:
    path = folder / AB_TESTING
    change(path, "UPDATE test_variants SET variant_name = variant_name || ' 2' WHERE rowid = 1")
    change(path, "UPDATE ab_tests SET hypothesis = 'Another one'")


def variants_without_a_test(folder: Path) -> None:
    change(folder / AB_TESTING, "CREATE TABLE aside AS SELECT * FROM ab_tests")
    change(folder / AB_TESTING, "DELETE FROM ab_tests")


def their_tests(folder: Path) -> None:
    change(folder / AB_TESTING, "INSERT INTO ab_tests SELECT * FROM aside")


CASES = {
    "first": Case("primary", ()),
    "unchanged": Case("primary", ("primary",)),
    "changed, added, gone, quarantined": Case("primary", ("primary",), many_changes),
    "mended": Case("primary", ("primary",), mended, broken),
    "column and table added": Case("primary", ("primary",), an_added_column),
    "owner of twins changed": Case("primary", ("primary", "duplicate"), many_changes),
    "rowids moved": Case(
        "primary", ("primary",), lambda f: change(f / PRIMARY, "UPDATE linkedin_posts SET rowid = rowid + 1000")
    ),
    "month renamed": Case("primary", ("primary",), rename(p1="2025-09"), three_months),
    "chain of months": Case("primary", ("primary",), rename(p1="2025-02", p2="2025-03", p3="2025-07"), three_months),
    "months swapped": Case("primary", ("primary",), rename(p1="2025-02", p2="2025-01"), three_months),
    "merged": Case("duplicate", ("primary",)),
    "taken over": Case("primary", ("duplicate",)),
    "taken over with fewer columns": Case("primary", ("content",), prepare=shared_inquiry),
    "orphans linked": Case("primary", ("duplicate",), prepare=orphans),
    "twins step in": Case("primary", ("primary", "duplicate"), owners_that_leave),
    "three sources": Case("week3", ("primary", "duplicate"), many_changes),
    "variants renamed": Case("ab_testing", ("ab_testing",), other_tests, alias="revenue"),
    "variants linked": Case("ab_testing", ("ab_testing",), their_tests, variants_without_a_test, alias="revenue"),
    "archives": Case("attribution", (), alias="analytics"),
    "patterns": Case("performance_optimized", ("performance",), alias="analytics"),
}


LONG = {"unchanged", "rowids moved", "month renamed", "months swapped", "three sources", "archives", "first"}
"""Cases that others hold as well: they run with the faults."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name, marks=[pytest.mark.faults] if name in LONG else []) for name, case in CASES.items()],
)
def test_an_undo_puts_everything_back_and_the_next_import_does_it_again(case: Case, legacy_dir: Path) -> None:
    started = rows("default", "SELECT clock_timestamp()")[0][0]
    case.prepare(legacy_dir)
    for source in case.before:
        assert run_import(source, legacy_dir).error is None
    case.change(legacy_dir)
    before = everything(case.alias)
    assert run_import(case.source, legacy_dir).error is None
    imported = whole_state(started)

    report = undo_latest(case.source)

    assert everything(case.alias) == before
    assert [one.left for one in report.undone] == [()]
    assert run_import(case.source, legacy_dir).error is None
    assert differences(imported, whole_state(started)) == []
