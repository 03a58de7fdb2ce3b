"""Files in SQLite's other encodings: they land, validate and come back in the same one, lone surrogates and all."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from legacy_import.services import export_sources, import_sources
from legacy_import.services.importing import ImportRequest
from legacy_import.sources import SOURCES, source_named
from legacy_import.validation.migration_validator import MigrationValidator
from synapse.foundation.databases import ALIASES
from tests.imports import counts, run_import
from tests.integration.legacy_import.pipeline.properties.validating import failures
from tests.legacy_files import shape

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)

PRIMARY = source_named("primary")
CODECS = {"UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}
TEXTS = {
    "plain": "naïve — 漢字 🙂",
    "byte order mark": "\ufeffabc",
    "noncharacters": "a\uffffb\ufffe",
    "nul": "before\0after",
    "tag": "\x01t:x",
    "lone high": "a\ud800",
    "lone high before a letter": "\ud800A",
    "lone low": "\udc00A",
    "reversed pair": "\udc00\ud800",
    "like UTF-8": "\ud800\u00bf",
}


def rewrite(path: Path, encoding: str) -> None:
    """Write the file anew in the encoding."""
    with closing(sqlite3.connect(path)) as file:
        script = list(file.iterdump())
    path.unlink()
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"PRAGMA encoding = '{encoding}'")
        file.executescript("\n".join(script))


def literal(text: str, encoding: str) -> str:
    return f"CAST(x'{text.encode(CODECS[encoding], 'surrogatepass').hex()}' AS TEXT)"


def raw_rows(path: Path, table: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as file:
        names = [name for (name,) in file.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        cells = ", ".join(f'typeof("{name}"), CAST("{name}" AS BLOB)' for name in names)
        return file.execute(f'SELECT rowid, {cells} FROM "{table}" ORDER BY rowid').fetchall()


@pytest.mark.parametrize("encoding", CODECS)
def test_every_text_lands_and_comes_back_in_its_encoding(encoding: str, legacy_dir: Path) -> None:
    path = legacy_dir / PRIMARY.path
    rewrite(path, encoding)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE odd (id INTEGER PRIMARY KEY, a, b TEXT, c INTEGER)")
        for text in TEXTS.values():
            spelled = literal(text, encoding)
            file.execute(f"INSERT INTO odd (a, b, c) VALUES ({spelled}, {spelled}, {spelled})")
        file.execute("INSERT INTO odd (a, b) VALUES (x'00d8', 1.5), (NULL, '')")
        # A declared text with a lone surrogate, and a key with one.
        file.execute(
            f"UPDATE consultation_inquiries SET notes = {literal(TEXTS['lone high'], encoding)} WHERE rowid = 1"
        )
        file.execute(
            f"UPDATE consultation_inquiries SET inquiry_id = {literal(TEXTS['lone low'], encoding)} WHERE rowid = 2"
        )
        file.execute(f"UPDATE consultation_inquiries SET company = {literal(TEXTS['plain'], encoding)} WHERE rowid = 3")

    report = run_import("primary", legacy_dir)

    assert counts(report)["consultation_inquiries"]["quarantined"] == 2
    assert counts(report)["odd"] == {"read": 12, "archived": 12}
    assert failures(PRIMARY, legacy_dir) == []
    (rebuilt,) = export_sources([PRIMARY], legacy_dir / "out")
    assert shape(rebuilt.path) == shape(path)
    for table in ("odd", "linkedin_posts", "consultation_inquiries"):
        assert raw_rows(rebuilt.path, table) == raw_rows(path, table)


def test_files_of_different_encodings_are_validated_together(legacy_dir: Path) -> None:
    for encoding, source in zip(
        ("UTF-16le", "UTF-16be", "UTF-16le"), ("primary", "performance", "content"), strict=True
    ):
        rewrite(legacy_dir / source_named(source).path, encoding)
    reports = list(import_sources(SOURCES, ImportRequest(legacy_dir, requested_by="a test")))
    assert [report.error for report in reports] == [None] * len(SOURCES)

    checks = MigrationValidator(legacy_dir).validate_data()

    assert [(check.name, check.detail) for check in checks if not check.passed] == []
    assert {check.name for check in checks} >= {"performance: references"}
