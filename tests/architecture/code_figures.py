"""Figures of the source's shape: sizes, names, private functions, comments. Run by `make figures`.

A function overrides something where a base class of its class has an attribute of its name; such names are not ours to
choose. Migrations and tests are left out.
"""

import ast
import importlib
import inspect
import re
import statistics
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import django

from tests.architecture.project_files import PROJECT

PACKAGES: Final = ("synapse", "business_core", "analytics", "revenue", "legacy_import")
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method as it is written: where, and how long."""

    path: Path
    module: str
    owner: str
    name: str
    lines: int
    is_typed: bool

    @property
    def is_private(self) -> bool:
        """Say whether the name begins with one underscore."""
        return self.name.startswith("_") and not self.name.startswith("__")


def source_files() -> list[Path]:
    """Return the product's Python files, migrations left out."""
    files = [path for package in PACKAGES for path in (PROJECT / package).rglob("*.py")]
    return sorted(path for path in files if "migrations" not in path.parts)


def functions_of(path: Path) -> Iterator[Function]:
    """Yield the functions and methods of a file, nested ones too."""
    module = ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
    yield from _functions_in(ast.parse(path.read_text()), path, module, owner="")


def _functions_in(node: ast.AST, path: Path, module: str, owner: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _functions_in(child, path, module, f"{owner}.{child.name}".lstrip("."))
            continue
        if isinstance(child, FunctionNode):
            lines = (child.end_lineno or child.lineno) - child.lineno + 1
            yield Function(path, module, owner, child.name, lines, child.returns is not None)
        yield from _functions_in(child, path, module, owner)


def overrides_something(function: Function) -> bool:
    """Say whether a base class has an attribute of this name, so that the name is not ours to choose."""
    if not function.owner:
        return False
    found: object = importlib.import_module(function.module)
    for name in function.owner.split("."):
        found = getattr(found, name, None)
    return inspect.isclass(found) and any(hasattr(base, function.name) for base in found.__mro__[1:])


def is_ours_to_name(function: Function) -> bool:
    """Say whether the name was chosen here: no dunder method's, and nothing's that it overrides."""
    return not function.name.startswith("__") and not overrides_something(function)


def is_one_word(name: str) -> bool:
    """Say whether a name, without its leading underscore, is a single word."""
    return "_" not in name.strip("_")


def names_used(files: list[Path]) -> Counter[str]:
    """Return how often each name is used, definitions left out: as a name, an attribute or an import."""
    used: Counter[str] = Counter()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name):
                used[node.id] += 1
            elif isinstance(node, ast.Attribute):
                used[node.attr] += 1
    return used


def called_once(functions: list[Function]) -> list[Function]:
    """Return the private functions that their own file uses exactly once."""
    used = {path: names_used([path]) for path in {function.path for function in functions}}
    return [function for function in functions if function.is_private and used[function.path][function.name] == 1]


def comments_in(path: Path) -> int:
    """Return how many lines of a file carry a comment."""
    with path.open("rb") as file:
        tokens = [token for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT]
    return sum(not re.match(r"#\s*(noqa|type:|fmt:)", token.string) for token in tokens)


def figures(package: str = "") -> dict[str, str]:
    """Return each figure's name and value, for the files below `package` or for all."""
    files = [path for path in source_files() if package in str(path.relative_to(PROJECT))]
    sizes = [len(path.read_text().splitlines()) for path in files]
    functions = [function for path in files for function in functions_of(path)]
    ours = [function for function in functions if is_ours_to_name(function)]
    one_word = [function for function in ours if is_one_word(function.name)]
    private = [function for function in functions if function.is_private]
    once = called_once(functions)
    lengths = [function.lines for function in functions]
    comments = sum(map(comments_in, files))
    typed = sum(function.is_typed for function in functions)
    return {
        "files": f"{len(files):,}",
        "file median / over 300 lines": f"{statistics.median(sizes):.0f} / {sum(size > 300 for size in sizes)}",
        "functions": f"{len(functions):,}",
        "function median / max lines": f"{statistics.median(lengths):.0f} / {max(lengths)}",
        "one-word names, of functions that override nothing": f"{len(one_word)} of {len(ours)}, "
        f"{len(one_word) / len(ours):.0%}",
        "private functions": f"{len(private)}, {len(private) / len(functions):.0%}",
        "private functions called once": f"{len(once)}",
        "comments per 100 lines": f"{100 * comments / sum(sizes):.1f}",
        "typed returns": f"{typed / len(functions):.0%}",
    }


def list_functions(package: str) -> Iterator[str]:
    """Yield the one-word names and the private functions called once, for who mends them."""
    functions = [
        function
        for path in source_files()
        if package in str(path.relative_to(PROJECT))
        for function in functions_of(path)
    ]
    for function in functions:
        if is_one_word(function.name) and is_ours_to_name(function):
            yield f"one word     {function.path.relative_to(PROJECT)}: {function.owner} {function.name}"
    for function in called_once(functions):
        yield f"called once  {function.path.relative_to(PROJECT)}: {function.owner} {function.name} ({function.lines})"


def main(arguments: list[str]) -> None:
    """Print the figures, and with --list the functions behind two of them; a folder narrows both."""
    django.setup()
    package = next((argument for argument in arguments if not argument.startswith("--")), "")
    for name, value in figures(package).items():
        print(f"{name:<52} {value}")
    if "--list" in arguments:
        print("\n".join(list_functions(package)))


if __name__ == "__main__":
    main(sys.argv[1:])
