"""What documents and docstrings point to is there: modules by their dotted names, files by their paths."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.architecture.project_files import PROJECT, project_files, python_files

_PACKAGES: Final = "synapse|business_core|analytics|revenue|legacy_import|tests"
_DOTTED: Final = re.compile(rf"(?<![\w./-])(?:{_PACKAGES})(?:\.[A-Za-z_]\w*)+(?![\w/])")
_PATH: Final = re.compile(rf"(?<![\w./-])(?:{_PACKAGES}|docs|benchmarks|templates)/[\w./*-]*\w")
_NO_MODULES: Final = re.compile(
    r"synapse\.(author|import_run|example|service)\b|\.(db|css|js|html|svg|png|dump)$|_seq$"
)
"""PostgreSQL's settings, host names and files, which look like dotted names."""
_MODEL: Final = re.compile(r"[a-z_]+\.[A-Z]\w+")
"""A model as Django labels it."""
_MADE_BY_THE_READER: Final = frozenset({"docs/adr/NNNN-title.md"})


def test_dotted_names_in_documents_and_docstrings_are_modules_or_their_names() -> None:
    missing = [
        f"{place}: {name}"
        for place, text in _texts()
        for name in _DOTTED.findall(text)
        if not _NO_MODULES.search(name) and not _MODEL.fullmatch(name) and not _is_defined(name)
    ]
    assert missing == []


def test_paths_in_documents_and_docstrings_exist() -> None:
    missing = [
        f"{place}: {path}"
        for place, text in _texts()
        for path in _PATH.findall(text)
        if path not in _MADE_BY_THE_READER and not _is_there(path)
    ]
    assert missing == []


def test_test_files_that_the_mutation_runs_name_exist() -> None:
    named = {
        (path.name, text)
        for path in Path(PROJECT, "tests/mutations").glob("*.py")
        for text in re.findall(r"\"(tests/[\w/.]+)\"", path.read_text())
    }
    assert len(named) > 10
    assert [pair for pair in sorted(named) if not Path(PROJECT, pair[1]).exists()] == []


def _texts() -> Iterator[tuple[str, str]]:
    """Yield the documents and the docstrings, each with its place; the changelog speaks of the past."""
    for path in project_files():
        if path.suffix == ".md" and path.name not in {"CHANGELOG.md", "adding-a-source.md"}:
            yield str(path.relative_to(PROJECT)), path.read_text()
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield str(path.relative_to(PROJECT)), ast.get_docstring(node) or ""


def _is_defined(name: str) -> bool:
    """Say whether the name is a module, or the name of something that its longest module mentions."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        module = PROJECT.joinpath(*parts[:length])
        source = next((path for path in (module.with_suffix(".py"), module / "__init__.py") if path.exists()), None)
        if source or module.is_dir():
            rest = parts[length : length + 1]
            return not rest or (source is not None and re.search(rf"\b{rest[0]}\b", source.read_text()) is not None)
    return False


def _is_there(path: str) -> bool:
    return Path(PROJECT, path).exists() or any(PROJECT.glob(path if "*" in path else f"{path}*"))
