"""`.env.example` explains every variable the project reads, and no other."""

import ast
import re

import pytest

from synapse.foundation.databases import URL_VARIABLES
from tests.architecture.project_files import PROJECT, python_files

EXAMPLE = PROJECT / ".env.example"
THE_SYSTEMS = {"HOME", "PATH", "XDG_DATA_HOME", "DJANGO_SETTINGS_MODULE"}
"""Variables that are not Synapse's to explain."""


def _variables_read() -> set[str]:
    code = [path for path in python_files() if path.relative_to(PROJECT).parts[0] not in {"tests", "benchmarks"}]
    found = {name for path in code for name in _names_in(ast.parse(path.read_text()))}
    return (found | set(URL_VARIABLES.values())) - THE_SYSTEMS


def _names_in(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and re.search(r"(^|\.)(env|environ)\.\w+$", ast.unparse(node.func)):
            names |= _literals(node.args[:1])
        if isinstance(node, ast.AnnAssign) and re.search(r"_VARIABLE$", ast.unparse(node.target)) and node.value:
            names |= _literals([node.value])
    return names


def _literals(nodes: list[ast.expr]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _variables_explained() -> dict[str, str]:
    """Return each variable of the example with the comment above it."""
    explained: dict[str, str] = {}
    comment = ""
    for line in EXAMPLE.read_text().splitlines():
        if match := re.match(r"# ?([A-Z][A-Z_]+)=", line):
            explained[match[1]] = comment
        comment = comment + line if line.startswith("#") and not match else ("" if not line else comment)
    return explained


def test_every_variable_is_explained_and_exists() -> None:
    assert set(_variables_explained()) == _variables_read()


def test_variables_are_found() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "SYNAPSE_VAR_DIR", "PORT", "SYNAPSE_PG_PORT"} <= _variables_read()


@pytest.mark.parametrize("variable", sorted(_variables_explained() if EXAMPLE.exists() else []))
def test_each_variable_has_a_sentence(variable: str) -> None:
    assert _variables_explained()[variable].strip("# ").endswith((".", ":"))


def test_example_changes_nothing_when_it_is_copied() -> None:
    assert [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")] == []
