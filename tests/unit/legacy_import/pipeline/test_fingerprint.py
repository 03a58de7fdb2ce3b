"""What changes the code's fingerprint, and what does not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from legacy_import.pipeline.fingerprint import EQUIVALENT_CODE, code_fingerprint, loaded_code

MODULE = '''"""Judging."""

import re
from legacy_import.pipeline.stage import Stage, Fix
from legacy_import.mapping import Table

LIMIT = 80
"""Characters of a cell that a reason shows."""


class Judge:
    """Judges."""

    def refused(self, cell: str) -> bool:
        """Say whether the cell is refused."""
        # It is read strictly.
        return len(cell) > LIMIT and f"{cell!r} is long" != ""
'''
SQL = "-- The text of a cell.\nCREATE FUNCTION cell(t text) RETURNS text\n  LANGUAGE sql AS 'SELECT t';\n"
PARTS = ("pipeline", "sql", "mapping.py")
Change = Callable[[str], str]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("pipeline", "sql"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pipeline" / "judge.py").write_text(MODULE)
    (tmp_path / "sql" / "0001_cells.sql").write_text(SQL)
    (tmp_path / "mapping.py").write_text("LIMIT = 1\n")
    return tmp_path


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"""Judging."""', '"""Stage three: judging rows."""'),
        lambda text: text.replace('    """Judges."""\n\n', ""),
        lambda text: text.replace("# It is read strictly.", "# Strictly, since a fix may hold anything."),
        lambda text: text.replace("Characters of a cell that a reason shows.", "In characters."),
        lambda text: text.replace("legacy_import.pipeline.stage import", "legacy_import.pipeline.stage.stage import"),
        lambda text: text.replace("import Stage, Fix", "import Fix, Stage"),
        lambda text: text.replace("len(cell) > LIMIT", "(len(cell)\n            > LIMIT)").replace("return", "return "),
    ],
    ids=["module's docstring", "class's docstring", "comment", "constant's text", "moved import", "order", "layout"],
)
def test_what_does_not_run_leaves_the_fingerprint(root: Path, change: Change) -> None:
    before = code_fingerprint(root, PARTS)
    (root / "pipeline" / "judge.py").write_text(change(MODULE))
    assert change(MODULE) != MODULE
    assert code_fingerprint(root, PARTS) == before


def test_a_moved_file_leaves_the_fingerprint(root: Path) -> None:
    before = code_fingerprint(root, PARTS)
    (root / "pipeline" / "judge").mkdir()
    (root / "pipeline" / "judge.py").rename(root / "pipeline" / "judge" / "rows.py")
    assert code_fingerprint(root, PARTS) == before


def test_a_comment_in_sql_leaves_the_fingerprint(root: Path) -> None:
    before = code_fingerprint(root, PARTS)
    (root / "sql" / "0001_cells.sql").write_text(SQL.replace("-- The text of a cell.\n", "\n  -- A cell as text.\n"))
    assert code_fingerprint(root, PARTS) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("LIMIT = 80", "LIMIT = 81"),
        lambda text: text.replace("> LIMIT", ">= LIMIT"),
        lambda text: text.replace(" is long", " is too long"),
        lambda text: text.replace("import re\n", "import regex as re\n"),
        lambda text: text.replace("import Table", "import Column as Table"),
        lambda text: text.replace("cell: str", "cell: str = ''"),
        lambda text: text.replace("(self, cell: str)", "(self, cell: bytes)"),
    ],
    ids=["limit", "boundary", "text", "library", "other name", "default", "annotation"],
)
def test_what_runs_changes_the_fingerprint(root: Path, change: Change) -> None:
    before = code_fingerprint(root, PARTS)
    (root / "pipeline" / "judge.py").write_text(change(MODULE))
    assert code_fingerprint(root, PARTS) != before


def test_a_changed_statement_of_sql_changes_the_fingerprint(root: Path) -> None:
    before = code_fingerprint(root, PARTS)
    (root / "sql" / "0001_cells.sql").write_text(SQL.replace("SELECT t", "SELECT upper(t)"))
    assert code_fingerprint(root, PARTS) != before


def test_another_file_changes_the_fingerprint(root: Path) -> None:
    before = code_fingerprint(root, PARTS)
    (root / "pipeline" / "fixes.py").write_text("FIXES = 1\n")
    assert code_fingerprint(root, PARTS) != before


def test_no_declared_equivalence_outlives_its_code() -> None:
    """Red after a change to the import's code while an equivalence is declared.

    Does the change leave what an import finds in every file as it was? Then put the new fingerprint in the place of
    the entry's key. If it may find something else, delete the entry: every source is then read again, once.
    """
    assert set(EQUIVALENT_CODE) <= {loaded_code()}, f"the code's fingerprint is now {loaded_code()}"


def test_a_fingerprint_is_not_declared_equal_to_itself() -> None:
    assert loaded_code() not in {code for earlier in EQUIVALENT_CODE.values() for code in earlier}
