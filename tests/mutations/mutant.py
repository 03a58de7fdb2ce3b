"""One mutant: a place in a source file and the text put in its place.

Made by python_breaks and sql_breaks, drawn by sample, applied to a scratch copy by run.
"""

import ast
import difflib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """Characters `start` to `end` of the file at `path` (relative to the checkout) become `new`."""

    path: str
    start: int
    end: int
    new: str
    operator: str
    line: int
    last_line: int

    @property
    def place(self) -> str:
        """Return the place as editors and terminals know it."""
        return f"{self.path}:{self.line}"

    def apply(self, source: str) -> str:
        """Return the file's text with the mutation."""
        return source[: self.start] + self.new + source[self.end :]

    def changed_lines(self, source: str) -> tuple[str, str]:
        """Return the changed lines as they were and as they become, each on one line."""
        lines = list(difflib.unified_diff(source.splitlines(), self.apply(source).splitlines(), n=0, lineterm=""))[3:]
        removed = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
        added = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
        return removed, added


class SourceFile:
    """A Python file's text, its syntax tree, and where in the text a node's position is."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.tree = ast.parse(text)
        self._line_starts = [0]
        self._lines = text.splitlines(keepends=True)
        for line in self._lines:
            self._line_starts.append(self._line_starts[-1] + len(line))

    def offset(self, line: int, column_bytes: int) -> int:
        """Return the place in the text of a position as the syntax tree gives it: the column counts UTF-8 bytes."""
        before = self._lines[line - 1].encode()[:column_bytes].decode()
        return self._line_starts[line - 1] + len(before)

    def offset_of_character(self, line: int, column: int) -> int:
        """Return the place in the text of a position as the tokenizer gives it: the column counts characters."""
        return self._line_starts[line - 1] + column

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """Return where the node begins and ends."""
        return (
            self.offset(node.lineno, node.col_offset),
            self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0),
        )

    def mutant(self, start: int, end: int, new: str, operator: str) -> Mutant:
        """Return the mutant that puts `new` between two places of the text."""
        line = self.text.count("\n", 0, start) + 1
        last_line = self.text.count("\n", 0, end) + 1
        return Mutant(self.path, start, end, new, operator, line, last_line)


def read_source(project: Path, path: str) -> SourceFile:
    """Read one file of the checkout."""
    return SourceFile(path, (project / path).read_text())
