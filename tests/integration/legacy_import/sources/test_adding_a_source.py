"""The page on adding a source, followed to the letter: its blocks make a fourteenth source in a copy of the project."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connections

from synapse.foundation.databases import ALIASES, URL_VARIABLES
from tests.architecture.project_files import PROJECT, project_files
from tests.legacy_files import contents, shape

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

PAGE = PROJECT / "docs" / "adding-a-source.md"
BLOCK = re.compile(r"`([^`\n]+)`:\n\n```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DATABASE = "test_page_{}"


def blocks() -> dict[str, str]:
    """Return the page's blocks by the path that stands before each."""
    return {path: text for path, _, text in BLOCK.findall(PAGE.read_text())}


def commands() -> list[str]:
    return [line for block in COMMANDS.findall(PAGE.read_text()) for line in block.splitlines()]


@pytest.fixture
def databases(db: None) -> Iterator[dict[str, str]]:
    """Yield addresses of three databases that are not there yet, on the server of the tests."""
    server = connections["default"].settings_dict
    place = f"{quote(server['USER'])}:{quote(server['PASSWORD'])}@{server['HOST']}:{server['PORT']}"
    names = {alias: DATABASE.format(alias) for alias in ALIASES}
    try:
        yield {URL_VARIABLES[alias]: f"postgresql://{place}/{name}" for alias, name in names.items()}
    finally:
        drop(*names.values(), *(f"test_{name}" for name in names.values()))


def drop(*names: str) -> None:
    """Drop databases, which no transaction may do: over a connection of its own."""
    with connections["default"]._nodb_cursor() as cursor:
        for name in names:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class Checkout:
    """A copy of the project, in which the page is followed."""

    def __init__(self, folder: Path, databases: dict[str, str]) -> None:
        self.folder = folder
        for path in project_files():
            copy = folder / path.relative_to(PROJECT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        own = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTEST_"))}
        self.environment = {**own, **databases, "SYNAPSE_VAR_DIR": str(folder / "var"), "PYTHONDONTWRITEBYTECODE": "1"}

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(".db"):
            with closing(sqlite3.connect(self.folder / path)) as file:
                file.executescript(text)
        elif text.startswith("---"):
            self.run(["git", "apply", "-"], text, expected=0)
        else:
            (self.folder / path).write_text(text)

    def follow(self, line: str, *, expected: int) -> str:
        """Run a line of the page with this Python; return what it printed."""
        program, *arguments = line.split()
        assert program == "python"
        return self.run([sys.executable, *arguments], expected=expected)

    def run(self, command: list[str], given: str = "", *, expected: int) -> str:
        done = subprocess.run(
            command, input=given, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == expected, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def checkout(tmp_path: Path, databases: dict[str, str]) -> Checkout:
    return Checkout(tmp_path / "checkout", databases)


@pytest.mark.faults
def test_following_the_page_adds_a_source_that_comes_back_whole(checkout: Checkout) -> None:
    for path, text in blocks().items():
        checkout.write(path, text)
    checkout.run([sys.executable, "manage.py", "migrate_all"], expected=0)
    check, test, dry_run, first, second, export = commands()

    checkout.follow(check, expected=0)
    assert " 2 passed" in checkout.follow(test, expected=0)
    for line in (dry_run, first):
        assert imported(checkout.follow(line, expected=3)) == {
            "episodes": {"read": 3, "inserted": 2, "quarantined": 1},
            "downloads": {"read": 3, "archived": 3},
        }
    assert imported(checkout.follow(second, expected=3))["downloads"] == {"read": 3, "unchanged": 3}
    checkout.follow(export, expected=0)

    original, rebuilt = checkout.folder / "old-files" / "podcast.db", checkout.folder / "rebuilt" / "podcast.db"
    assert contents(rebuilt) == contents(original)
    assert shape(rebuilt) == shape(original)


def imported(output: str) -> dict[str, dict[str, int]]:
    """Return the figures above zero of each table of the source."""
    tables = json.loads(output)["sources"]["podcast"]["tables"]
    return {name: {what: figure for what, figure in figures.items() if figure} for name, figures in tables.items()}


def test_without_its_test_the_check_refuses_the_source(checkout: Checkout) -> None:
    for path, text in blocks().items():
        if not path.startswith("tests/"):
            checkout.write(path, text)

    with pytest.raises(AssertionError, match=r"legacy_import\.E020"):
        checkout.follow("python manage.py check", expected=0)


def test_the_page_names_what_its_blocks_are() -> None:
    assert list(blocks()) == [
        "old-files/podcast.db",
        "legacy_import/sources/revenue/podcast.py",
        "legacy_import/sources/__init__.py",
        "tests/integration/legacy_import/sources/test_podcast.py",
    ]
    assert len(commands()) == 6
