"""The mutants of Python code: comparisons, limits, conditions, arithmetic, statements, orders of querysets.

`python_mutants` yields every one of a file; sql_breaks does the same for SQL inside strings. Left out, since no test
could tell or a type checker does: docstrings, annotations, what is logged, options of dataclasses and of zip, the
columns of models (`makemigrations --check` holds those).
"""

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.mutations.mutant import Mutant, SourceFile

_COMPARISONS: Final[dict[type[ast.cmpop], tuple[str, ...]]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
_ARITHMETIC: Final[dict[type[ast.operator], tuple[str, str]]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "%"),
    ast.Mod: ("%", "//"),
    ast.Pow: ("**", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
_CALLS: Final = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "filter": "exclude",
    "exclude": "filter",
    "ceil": "floor",
    "floor": "ceil",
}
_LOOKUPS: Final = {"lt": "lte", "lte": "lt", "gt": "gte", "gte": "gt"}
_DURATION: Final = re.compile(r"(?P<number>\d+) ?(ms|s|min|h|d|seconds?|minutes?|hours?|days?)")
_UNTESTED_OPTIONS: Final = {
    "frozen",
    "slots",
    "strict",
    "kw_only",
    "eq",
    "order",
    "repr",
    "init",
    "compare",
    "stacklevel",
}
_UNTESTED_CALLS: Final = re.compile(
    r"(logger|_logger|log|warnings)\.|(models|fields)\.\w+(Field|Key|Index|Constraint)$"
)


def python_mutants(file: SourceFile) -> Iterator[Mutant]:
    """Yield every mutant of the file's Python code, in the order of the text."""
    yield from sorted(set(_Breaks(file).found()))


class _Breaks:
    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._skipped = _untested_nodes(file.tree)

    def found(self) -> Iterator[Mutant]:
        waiting: list[ast.AST] = [self._file.tree]
        while waiting:
            node = waiting.pop()
            if id(node) in self._skipped:
                continue
            yield from self._of(node)
            waiting.extend(ast.iter_child_nodes(node))

    def _of(self, node: ast.AST) -> Iterator[Mutant]:
        match node:
            case ast.BoolOp() | ast.UnaryOp() | ast.Compare():
                yield from self._logic(node)
            case ast.BinOp() | ast.AugAssign():
                yield from self._arithmetic(node)
            case ast.Constant():
                yield from self._constant(node)
            case ast.Call():
                yield from self._call(node)
            case ast.Expr(value=ast.Call()):
                yield self._file.mutant(*self._file.span(node), "pass", "removed statement")
            case ast.If() | ast.While() | ast.IfExp():
                yield from self._condition(node.test)
                yield from self._guard(node)
            case ast.comprehension():
                for test in node.ifs:
                    yield from self._condition(test)

    def _between(
        self, left: ast.expr, right: ast.expr, signs: tuple[str, ...] | None, operator: str
    ) -> Iterator[Mutant]:
        """Yield the mutant that replaces the sign between two expressions; there may be parentheses around it."""
        if signs is None:
            return
        begin, end = self._file.span(left)[1], self._file.span(right)[0]
        words = r"\s+".join(map(re.escape, signs[0].split()))
        found = re.search(rf"(?<!\w){words}(?!\w)" if signs[0][0].isalpha() else words, self._file.text[begin:end])
        if found:
            yield self._file.mutant(begin + found.start(), begin + found.end(), signs[1], operator)

    def _logic(self, node: ast.BoolOp | ast.UnaryOp | ast.Compare) -> Iterator[Mutant]:
        match node:
            case ast.Compare():
                yield from self._comparisons(node)
            case ast.BoolOp():
                yield from self._and_or(node)
            case ast.UnaryOp(op=ast.Not()):
                start, _ = self._file.span(node)
                yield self._file.mutant(start, start + len("not "), "", "not")

    def _arithmetic(self, node: ast.BinOp | ast.AugAssign) -> Iterator[Mutant]:
        if isinstance(node, ast.AugAssign):
            signs = {ast.Add: ("+=", "-="), ast.Sub: ("-=", "+=")}.get(type(node.op))
            if not _is_text(node.value):
                yield from self._between(node.target, node.value, signs, "arithmetic")
        elif self._is_calculated(node):
            yield from self._between(node.left, node.right, _ARITHMETIC.get(type(node.op)), "arithmetic")

    def _is_calculated(self, node: ast.BinOp) -> bool:
        """Say whether the operation is one of numbers, times or conditions, not of texts, types and dictionaries."""
        if isinstance(node.op, ast.BitAnd | ast.BitOr):
            return "Q(" in ast.unparse(node)
        return not _is_text(node.left) and not _is_text(node.right)

    def _comparisons(self, node: ast.Compare) -> Iterator[Mutant]:
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, node.comparators, strict=False):
            yield from self._between(left, right, _COMPARISONS[type(operator)], "comparison")

    def _and_or(self, node: ast.BoolOp) -> Iterator[Mutant]:
        words = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from self._between(left, right, words, "and/or")

    def _constant(self, node: ast.Constant) -> Iterator[Mutant]:
        value, span = node.value, self._file.span(node)
        match value:
            case bool():
                yield self._file.mutant(*span, str(not value), "True/False")
            case int():
                yield self._file.mutant(*span, str(value + 1), "number")
                if value > 0:
                    yield self._file.mutant(*span, str(value - 1), "number")
            case float():
                yield self._file.mutant(*span, f"{value * 1.1 or 0.1:.6g}", "number")
                yield self._file.mutant(*span, f"{value * 0.9 or -0.1:.6g}", "number")
            case str() if found := _DURATION.fullmatch(value):
                for number in (int(found["number"]) + 1, int(found["number"]) - 1):
                    changed = value.replace(found["number"], str(number), 1)
                    yield self._file.mutant(*span, f'"{changed}"', "number")

    def _call(self, node: ast.Call) -> Iterator[Mutant]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
        if name in _CALLS:
            end = self._file.span(node.func)[1]
            yield self._file.mutant(end - len(name), end, _CALLS[name], "call")
        for keyword in node.keywords:
            head, _, lookup = (keyword.arg or "").rpartition("__")
            if head and lookup in _LOOKUPS:
                start = self._file.span(keyword)[0]
                new = f"{head}__{_LOOKUPS[lookup]}"
                yield self._file.mutant(start, start + len(keyword.arg or ""), new, "comparison")
        if name == "order_by":
            yield from self._order(node)

    def _order(self, node: ast.Call) -> Iterator[Mutant]:
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                value = argument.value.removeprefix("-") if argument.value.startswith("-") else f"-{argument.value}"
                yield self._file.mutant(*self._file.span(argument), f'"{value}"', "order")

    def _condition(self, test: ast.expr) -> Iterator[Mutant]:
        """Yield the negation of a condition that has no comparison or `not` of its own to turn."""
        if isinstance(test, ast.Name | ast.Attribute | ast.Call):
            start, end = self._file.span(test)
            yield self._file.mutant(start, end, f"not {self._file.text[start:end]}", "not")

    def _guard(self, node: ast.If | ast.While | ast.IfExp) -> Iterator[Mutant]:
        """Yield the removal of an early end: `if ...: return` and its like."""
        if not isinstance(node, ast.If) or node.orelse or len(node.body) != 1:
            return
        if isinstance(node.body[0], ast.Return | ast.Raise | ast.Continue | ast.Break):
            yield self._file.mutant(*self._file.span(node.body[0]), "pass", "removed statement")


def _untested_nodes(tree: ast.Module) -> set[int]:
    """Return the identities of nodes whose mutants say nothing about the tests (the module's docstring lists them)."""
    found = {id(node) for node in ast.walk(tree) if _is_untested(node)}
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(returns=annotation) | ast.arg(annotation=annotation):
                found.add(id(annotation))
            case ast.AnnAssign(annotation=annotation):
                found.add(id(annotation))
    return found


def _is_untested(node: ast.AST) -> bool:
    match node:
        case ast.keyword(arg=name):
            return name in _UNTESTED_OPTIONS
        case ast.Call(func=function) | ast.Expr(value=ast.Call(func=function)):
            return bool(_UNTESTED_CALLS.match(ast.unparse(function)))
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
    # Positions inside f-strings are exact only from Python 3.12 on; sql_breaks reads their text itself.
    return isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr)


def _is_text(node: ast.expr) -> bool:
    """Say whether the expression is by its looks a text or a list, of which a sum has no difference."""
    return isinstance(node, ast.JoinedStr | ast.List | ast.ListComp | ast.Tuple) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
