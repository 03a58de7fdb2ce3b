"""Which tests a mutant is shown to, in which order: those that run its lines, the nearest and quickest first.

What is run only once, when a module is loaded (a constant, a default, a class's attribute), is run by no test: such a
mutant is shown to the tests that run a line which reads one of the names it changes.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from tests.mutations.line_map import AT_LOAD, COMPONENTS, LineMap
from tests.mutations.mutant import Mutant

BUDGET_SECONDS: Final = 45.0
"""How long the tests of one mutant take together, on the unbroken code; the first is run however long it takes."""
_NEAR_COUNTS: Final = 0.1
"""How much shorter a test counts that stands where the mutated module's tests stand."""


class TestChoice:
    """Chooses among the tests of a line map."""

    __test__ = False

    def __init__(self, project: Path, line_map: LineMap, *, budget_seconds: float = BUDGET_SECONDS) -> None:
        self._map = line_map
        self._budget_seconds = budget_seconds
        self._reads = _lines_by_name(project)
        self._project = project

    def tests_for(self, mutant: Mutant) -> dict[str, float]:
        """Return the tests in their order, each with its seconds; empty where no test runs the mutant's lines."""
        path = self._project / mutant.path
        found = self._map.running(mutant.path, *_lines_of_statement(path, mutant.line))
        names = _names_bound_at_load(path, mutant.line)
        if names:
            found |= self._reading(mutant.path, names)
        if found == {AT_LOAD}:
            found = {test for test in self._map.seconds if _is_near(mutant, test)}
        ordered = sorted(found - {AT_LOAD, *self._map.failed}, key=lambda test: (self._weight(mutant, test), test))
        chosen: dict[str, float] = {}
        for test in ordered:
            seconds = self._map.seconds[test]
            if not chosen or sum(chosen.values()) + seconds <= self._budget_seconds:
                chosen[test] = seconds
        return chosen

    def _weight(self, mutant: Mutant, test: str) -> float:
        return (self._map.seconds[test] + 0.05) * (_NEAR_COUNTS if _is_near(mutant, test) else 1)

    def _reading(self, path: str, names: set[str]) -> set[str]:
        """Return the tests that run a line which reads a name, or a name that is made of one at load."""
        found: set[str] = set()
        seen: set[str] = set()
        waiting = set(names)
        while waiting:
            name = waiting.pop()
            seen.add(name)
            for file, line in self._reads.get(name, ()):
                # A private name is read where it is defined; another module's of that name is not meant.
                if name.startswith("_") and file != path:
                    continue
                tests = self._map.running(file, line, line)
                found |= tests
                if tests <= {AT_LOAD}:
                    waiting |= _names_bound_at_load(self._project / file, line) - seen
        return found


def _is_near(mutant: Mutant, test: str) -> bool:
    """Say whether the test's file is named like the mutated module or is in the folder that mirrors its package."""
    module, file = Path(mutant.path), Path(test.partition("::")[0])
    return file.stem == f"test_{module.stem}" or file.parent.parts[2:] == module.parent.parts


def _lines_by_name(project: Path) -> dict[str, set[tuple[str, int]]]:
    """Return where each name is read, in all components."""
    found: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for component in COMPONENTS:
        for path in sorted((project / component).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            relative = str(path.relative_to(project))
            for node in ast.walk(_tree(path)):
                match node:
                    case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                        found[name].add((relative, node.lineno))
    return found


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _lines_of_statement(path: Path, line: int) -> tuple[int, int]:
    """Return the first and last line of the innermost statement there, of an `if` and its like those of its head.

    Of a text or a call over several lines Python counts only some as run.
    """
    first, last = line, line
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            if line <= end or (body and line == node.lineno):
                first, last = node.lineno, max(end, node.lineno)
    return first, last


def _names_bound_at_load(path: Path, line: int) -> set[str]:
    """Return what the line names when its module is loaded; empty for a line inside a function."""
    return set(_bound(_tree(path).body, line))


def _bound(statements: list[ast.stmt], line: int) -> Iterator[str]:
    for statement in statements:
        if not statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            continue
        match statement:
            case ast.ClassDef():
                inner = list(_bound(statement.body, line))
                yield from inner or [statement.name]
                if inner and not isinstance(_inner_statement(statement.body, line), ast.FunctionDef):
                    # A dataclass's default or a Meta's option is read through the class.
                    yield statement.name
            case ast.FunctionDef() if line < statement.body[0].lineno:
                yield statement.name
            case ast.Assign():
                yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def _inner_statement(statements: list[ast.stmt], line: int) -> ast.stmt | None:
    return next((one for one in statements if one.lineno <= line <= (one.end_lineno or one.lineno)), None)
