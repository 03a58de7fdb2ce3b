"""The import's fingerprint: which code, clock and tables a file was read by.

Equal files read under equal fingerprints give equal rows, so the sync skips a file whose snapshot and fingerprint are
those of its last import (asked by services.unchanged_file; services.importing stores it in SourceSync.reading).

The code's part is taken from syntax trees: comments, docstrings, layout, a file's path and the module an import comes
from do not change it; anything that runs does. SQL files count without comment lines and outer white space.

Code that runs otherwise and finds the same, a renamed function for instance, is declared in EQUIVALENT_CODE. An entry
holds for one code fingerprint only: the next change to the code ends it, so a fingerprint that nobody declared is never
taken for current.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connections

_LEGACY_IMPORT: Final = Path(__file__).resolve().parent.parent
_PARTS: Final = ("foreign_sqlite", "pipeline", "sources", "sql", "cells.py", "codecs.py", "mapping.py")
_OWN_PACKAGES: Final = frozenset({"synapse", "business_core", "analytics", "revenue", "legacy_import"})

EQUIVALENT_CODE: Final[Mapping[str, frozenset[str]]] = {}
"""For a code fingerprint, those of earlier code that finds the same in every file."""


def import_fingerprint(alias: str) -> str:
    """Return the fingerprint of an import into the database, as this process would run it."""
    return _hash_parts(loaded_code(), _migration_state(alias))


def is_current_fingerprint(fingerprint: str, alias: str) -> bool:
    """Say whether an import into the database, run now, would read a file as the one with this fingerprint did."""
    tables, loaded = _migration_state(alias), loaded_code()
    return fingerprint in {_hash_parts(code, tables) for code in (loaded, *EQUIVALENT_CODE.get(loaded, ()))}


@cache
def loaded_code() -> str:
    """Return the fingerprint of the code that this process has loaded; 0.2 s, which most commands never need."""
    return _code_fingerprint(_LOADED)


def code_fingerprint(root: Path, parts: tuple[str, ...] = _PARTS) -> str:
    """Return the fingerprint of the Python and SQL files of these parts (files or folders below root)."""
    return _code_fingerprint(_read_texts(root, parts))


def _read_texts(root: Path, parts: tuple[str, ...] = _PARTS) -> tuple[tuple[str, str], ...]:
    """Return the suffix and the text of each file."""
    # Not this file: it holds fingerprints of the others.
    files = [path for part in parts for path in _source_files(root / part) if path != Path(__file__).resolve()]
    return tuple((path.suffix, path.read_text()) for path in files)


def _code_fingerprint(texts: Iterable[tuple[str, str]]) -> str:
    marks = sorted(_hash_file(suffix, text) for suffix, text in texts)
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()


def _hash_parts(code: str, tables: tuple[object, ...]) -> str:
    # Earlier versions stored this very form, too: EQUIVALENT_CODE rests on it.
    return hashlib.sha256(repr((code, settings.LEGACY_TIME_ZONE, tables)).encode()).hexdigest()


def _migration_state(alias: str) -> tuple[object, ...]:
    """Return a mark of the database's migrations: a new column may take what an older import had no place for."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT count(*), max(id) FROM django_migrations")
        return tuple(cursor.fetchone())


def _source_files(part: Path) -> list[Path]:
    return [part] if part.is_file() else [*part.rglob("*.py"), *part.rglob("*.sql")]


def _hash_file(suffix: str, text: str) -> str:
    if suffix == ".sql":
        lines = (line.strip() for line in text.splitlines())
        spelled = "\n".join(line for line in lines if line and not line.startswith("--"))
    else:
        spelled = "\n".join(_normalize_module(ast.parse(text)))
    return hashlib.sha256(spelled.encode()).hexdigest()


def _normalize_module(module: ast.Module) -> Iterator[str]:
    """Yield what a module imports, sorted, then its other statements."""
    imports = [statement for statement in module.body if isinstance(statement, ast.Import | ast.ImportFrom)]
    yield from sorted(mark for statement in imports for mark in _normalize_import(statement))
    yield from (
        _normalize_node(statement) for statement in _without_docstrings(module.body) if statement not in imports
    )


def _normalize_import(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield a mark per imported name; our own modules may be moved, so theirs is the name alone."""
    module = getattr(statement, "module", None) or ""
    is_ours = module.partition(".")[0] in _OWN_PACKAGES
    for name in statement.names:
        yield f"{'' if is_ours else module} {name.name} {name.asname or ''}"


def _normalize_node(node: object) -> str:
    """Spell a syntax tree without positions, docstrings and empty fields, which Python versions spell differently."""
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value is not None and value != [])
        return f"{type(node).__name__}({', '.join(f'{name}={_normalize_node(value)}' for name, value in fields)})"
    if isinstance(node, list):
        return f"[{', '.join(_normalize_node(child) for child in _without_docstrings(node))}]"
    return repr(node)


def _without_docstrings(nodes: list[ast.stmt]) -> list[ast.stmt]:
    """Leave out the statements that are only a text: docstrings of modules, classes, functions and constants."""
    return [node for node in nodes if not _is_docstring(node)]


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


_LOADED: Final = _read_texts(_LEGACY_IMPORT)
"""As it is loaded: the files may be newer by the time they are asked for, and this process still works by the old."""
