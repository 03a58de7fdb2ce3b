"""Every mistake a declaration can make yields its sentence; the shipped declarations make none."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from legacy_import import checks
from legacy_import.checks import find_source_mistakes
from legacy_import.codecs import INTEGER, KEY, TEXT
from legacy_import.mapping import Column, Source, Table
from legacy_import.sources import SOURCES, source_named
from synapse.foundation.databases import ANALYTICS

POSTS = source_named("week3").tables[0]
WEEK3 = replace(source_named("week3"), tables=(POSTS,))


def with_table(**changes: Any) -> tuple[Source, ...]:
    return (replace(WEEK3, tables=(replace(POSTS, **changes),)),)


def with_columns(*columns: Column, without: str = "") -> tuple[Source, ...]:
    return with_table(columns=(*(column for column in POSTS.columns if column.target != without), *columns))


def another(**changes: Any) -> tuple[Source, ...]:
    """Return the source beside one that differs in nothing but these; its test is there, for week3 has one."""
    fields: dict[str, Any] = {"name": "primary", "path": "other.db", "rank": 9} | changes
    return (WEEK3, replace(WEEK3, **fields))


PIPELINE = Table(
    "months", "business_core.BusinessPipeline", key="id", identity=("id",), columns=(Column("id", "", KEY),)
)

MISTAKES = [
    ("E001", another(name="week3"), "sources: name week3 is declared 2 times"),
    ("E002", another(path=WEEK3.path), "sources: path week3_business_development.db is declared 2 times"),
    ("E003", another(rank=WEEK3.rank), "sources: database and rank default 3 is declared 2 times"),
    ("E004", (replace(WEEK3, tables=(POSTS, POSTS)),), "week3: legacy table week3_posts is declared 2 times"),
    ("E010", with_table(model="business_core.Poem"), "week3/week3_posts: there is no model business_core.Poem"),
    ("E010", with_table(model="Post"), "week3/week3_posts: there is no model Post"),
    (
        "E011",
        (replace(WEEK3, database=ANALYTICS),),
        "week3/week3_posts: business_core.Post lives in default, the source in analytics",
    ),
    (
        "E012",
        with_columns(Column("mood", "mood", TEXT)),
        "week3/week3_posts: business_core.Post has no column mood",
    ),
    (
        "E012",
        with_table(constants={**POSTS.constants, "colour": "red"}),
        "week3/week3_posts: business_core.Post has no column colour",
    ),
    (
        "E013",
        with_columns(Column("reach", "views", INTEGER)),
        "week3/week3_posts: target column views is declared 2 times",
    ),
    (
        "E013",
        with_table(constants={**POSTS.constants, "content": "Unknown"}),
        "week3/week3_posts: target column content is declared 2 times",
    ),
    (
        "E014",
        with_columns(Column("views", "clicks", INTEGER)),
        "week3/week3_posts: legacy column views is declared 2 times",
    ),
    ("E015", with_table(key="id"), "week3/week3_posts: the key or identity names id, which no column maps"),
    (
        "E015",
        with_table(identity=("post_id", "year")),
        "week3/week3_posts: the key or identity names year, which no column maps",
    ),
    (
        "E017",
        with_columns(without="content"),
        "week3/week3_posts: posts.content demands a value and nothing fills it",
    ),
    (
        "E017",
        (replace(WEEK3, tables=(PIPELINE,)),),
        "week3/months: business_pipeline.month demands a value and nothing fills it",
    ),
    (
        "E020",
        (replace(WEEK3, name="fax"),),
        "fax: write its test, tests/integration/legacy_import/sources/test_fax.py",
    ),
]


@pytest.mark.parametrize(("code", "sources", "sentence"), MISTAKES)
def test_a_mistake_is_told_and_nothing_else(code: str, sources: tuple[Source, ...], sentence: str) -> None:
    assert list(find_source_mistakes(sources)) == [(code, sentence)]


def test_every_code_has_its_mistake_here() -> None:
    told = set(re.findall(r'"(E\d{3})"', Path(checks.__file__).read_text()))

    assert told == {code for code, _, _ in MISTAKES}


def test_a_missing_test_is_no_mistake_where_no_tests_are_installed(settings: Settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path

    assert list(find_source_mistakes((replace(WEEK3, name="fax"),))) == []


def test_the_shipped_sources_make_none() -> None:
    assert list(find_source_mistakes(SOURCES)) == []


def test_manage_check_asks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "SOURCES", with_table(model="business_core.Poem"))

    (error,) = [found for found in run_checks() if (found.id or "").startswith("legacy_import.")]

    assert error.id == "legacy_import.E010"
    assert error.is_serious()


def test_manage_check_is_silent_on_the_shipped_sources() -> None:
    assert [found for found in run_checks() if (found.id or "").startswith("legacy_import.")] == []
