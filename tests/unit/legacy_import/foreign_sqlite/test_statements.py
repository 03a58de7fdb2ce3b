"""Finding in a CREATE statement what this SQLite lacks."""

import sqlite3

import pytest

from legacy_import.foreign_sqlite.statements import (
    find_foreign_collations,
    find_foreign_functions,
    find_indexed_table,
    strip_check_constraints,
    strip_stored_generated_clauses,
)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE t (a TEXT COLLATE nocase, b TEXT COLLATE RTRIM)", []),
        (
            'CREATE TABLE t (a TEXT COLLATE "de DE", b collate `x``y`, c COLLATE [z], d COLLATE DE)',
            ["de DE", "x`y", "z", "DE"],
        ),
        ("CREATE TABLE t (a TEXT DEFAULT 'COLLATE nothing' -- COLLATE no\n, b /* COLLATE none */)", []),
        ("CREATE INDEX i ON t (a COLLATE GERMAN, b COLLATE german)", ["GERMAN"]),
        ("CREATE VIRTUAL TABLE t USING fts4(x, collate foreign)", []),
    ],
)
def test_collations(sql: str, expected: list[str]) -> None:
    assert find_foreign_collations(sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE TABLE t (a VARCHAR(20), b DECIMAL(10, 2), c CHECK (length(c) IN (1, 2)))", []),
        ("CREATE TABLE t (a CHECK (a REGEXP '[a-z]+'))", ["REGEXP"]),
        ("CREATE TABLE t (a DEFAULT (uuid4()), b AS (slug(a, CAST(a AS VARCHAR(3)))))", ["uuid4", "slug"]),
        ("CREATE TABLE t (a INTEGER, b TEXT, FOREIGN KEY (a) REFERENCES u(id), UNIQUE (a, b))", []),
        ("CREATE INDEX i ON t(slug(a)) WHERE keep(b) > 1", ["slug", "keep"]),
        ('CREATE INDEX i ON t("slug x"(a))', ["slug x"]),
        (
            "CREATE TRIGGER g AFTER INSERT ON t WHEN odd(1) BEGIN INSERT INTO u(n) VALUES (slug(new.a)); END",
            ["odd", "slug"],
        ),
        (
            "CREATE VIEW v(a) AS WITH s(n) AS (SELECT 1) SELECT slug(n) AS a, count(*) OVER (ORDER BY n) FROM s",
            ["slug"],
        ),
        ("CREATE TEMP TABLE t (a VARCHAR(20))", []),
        ("CREATE VIRTUAL TABLE t USING vec0(embedding(3))", []),
    ],
)
def test_functions(sql: str, expected: list[str]) -> None:
    assert find_foreign_functions(sql) == expected


@pytest.mark.parametrize("sql", ['CREATE INDEX i ON "a ""b"(slug(a))', 'CREATE UNIQUE INDEX "on" ON [a "b] (a)'])
def test_an_index_names_its_table(sql: str) -> None:
    assert find_indexed_table(sql) == 'a "b'


def test_stored_expressions_go_and_everything_else_stays() -> None:
    sql = (
        "CREATE TABLE t (a TEXT, b TEXT GENERATED ALWAYS AS (slug(a, ')')) STORED NOT NULL, c INT AS (1) VIRTUAL,"
        " d AS (slug(a)) STORED UNIQUE, CHECK (CAST(a AS TEXT) > ''))"
    )

    stripped = strip_stored_generated_clauses(sql)

    assert (
        stripped
        == "CREATE TABLE t (a TEXT, b TEXT  NOT NULL, c INT AS (1) VIRTUAL, d  UNIQUE, CHECK (CAST(a AS TEXT) > ''))"
    )
    sqlite3.connect(":memory:").execute(stripped)


def test_checks_are_left_out_and_nothing_else() -> None:
    sql = "CREATE TABLE t (a INT CHECK (a BETWEEN 1 AND u) NOT NULL, b TEXT DEFAULT 'CHECK (x)', CHECK (a > (1)))"

    assert strip_check_constraints(sql) == "CREATE TABLE t (a INT  NOT NULL, b TEXT DEFAULT 'CHECK (x)')"
