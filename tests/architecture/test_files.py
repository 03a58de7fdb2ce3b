"""What every file of the project keeps to."""

import ast
import re
from pathlib import Path

from tests.architecture.project_files import PROJECT, named, project_files, python_files

MOST_LINES = 300
SQLITE_MAGIC = b"SQLite format 3\x00"
HOME_OF_SOMEBODY = re.compile(r"(?<![\w.])/(?:home|root|Users|work|workspace|mnt)/\w")


def test_project_has_files() -> None:
    assert {"manage.py", "synapse/settings.py"} <= set(named(list(project_files())))


def test_no_python_file_is_over_300_lines() -> None:
    assert named([path for path in python_files() if len(path.read_text().splitlines()) > MOST_LINES]) == []


def test_every_module_that_holds_something_says_what_lives_in_it() -> None:
    modules = {path: path.read_text() for path in python_files()}
    silent = [path for path, code in modules.items() if code.strip() and ast.get_docstring(ast.parse(code)) is None]
    assert named(silent) == []


def test_no_sqlite_file_is_committed() -> None:
    assert named([path for path in project_files() if _begins_with(path, SQLITE_MAGIC)]) == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    found = [f"{name}: {line.strip()[:80]}" for name, line in _lines() if HOME_OF_SOMEBODY.search(line)]
    assert found == []


def _begins_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


def _lines() -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for path in project_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        lines += [(str(path.relative_to(PROJECT)), line) for line in text.splitlines()]
    return lines
