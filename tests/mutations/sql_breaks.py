"""The mutants of SQL inside strings and f-strings: comparisons, connectives, joins, orders, limits, defaults.

`sql_mutants` yields every one of a file. What f-strings put in (between braces) is Python's and is left alone.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final

from tests.mutations.mutant import Mutant, SourceFile

_IS_SQL: Final = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|FROM|JOIN|AND|OR|IS NOT|IS NULL|CASE|WHEN|ORDER BY|LIMIT|UNION"
    r"|EXISTS|coalesce|IN) ?\b|\b\w+\.\w+ (=|<>|<|>|<=|>=) "
)
_SWAPS: Final = (
    (r" IS NOT DISTINCT FROM ", " IS DISTINCT FROM ", "comparison"),
    (r" IS DISTINCT FROM ", " IS NOT DISTINCT FROM ", "comparison"),
    (r" IS NOT NULL\b", " IS NULL", "comparison"),
    (r" IS NULL\b", " IS NOT NULL", "comparison"),
    (r" NOT IN ", " IN ", "comparison"),
    (r"(?<! NOT) IN (?=\()", " NOT IN ", "comparison"),
    (r" <> ", " = ", "comparison"),
    (r" = ", " <> ", "comparison"),
    (r" < ", " <= ", "comparison"),
    (r" <= ", " < ", "comparison"),
    (r" > ", " >= ", "comparison"),
    (r" >= ", " > ", "comparison"),
    (r"\bAND\b", "OR", "and/or"),
    (r"(?<!CREATE )\bOR\b(?! REPLACE)", "AND", "and/or"),
    (r"\bNOT EXISTS\b", "EXISTS", "not"),
    (r"(?<!NOT )(?<!IF )\bEXISTS\b", "NOT EXISTS", "not"),
    (r"\bNOT (?!EXISTS|IN\b|NULL|DISTINCT|MATERIALIZED)", "", "not"),
    (r" DESC\b", " ASC", "order"),
    (r" ASC\b", " DESC", "order"),
    (r"\bLEFT JOIN\b", "JOIN", "join"),
    (r"(?<!LEFT )(?<!CROSS )(?<!FULL )(?<!RIGHT )\bJOIN\b(?! LATERAL)", "LEFT JOIN", "join"),
    (r"\bUNION ALL\b", "UNION", "union"),
    (r"\bUNION\b(?! ALL)", "UNION ALL", "union"),
    (r"\bDISTINCT (?!FROM|ON)", "", "union"),
    (r"\bmin\(", "max(", "call"),
    (r"\bmax\(", "min(", "call"),
    (r"\bgreatest\(", "least(", "call"),
    (r"\bleast\(", "greatest(", "call"),
    (r"\bbool_and\(", "bool_or(", "call"),
    (r"\bbool_or\(", "bool_and(", "call"),
    (r"\btrue\b", "false", "True/False"),
    (r"\bfalse\b", "true", "True/False"),
    (r" \+ ", " - ", "arithmetic"),
    (r" - ", " + ", "arithmetic"),
)
_NUMBER: Final = re.compile(r"(?<![\w.$'\[])\d+(?![\w.])")
_ASSIGNMENT: Final = re.compile(r"\bSET\b(?!.*\b(WHERE|FROM)\b)", re.DOTALL)


def sql_mutants(file: SourceFile) -> Iterator[Mutant]:
    """Yield every mutant of the SQL in the file's strings, in the order of the text."""
    docstrings = _docstring_lines(file)
    for token in tokenize.generate_tokens(io.StringIO(file.text).readline):
        is_text = token.type == tokenize.STRING or tokenize.tok_name[token.type] == "FSTRING_MIDDLE"
        if not is_text or token.start[0] in docstrings:
            continue
        start = file.offset_of_character(*token.start)
        end = file.offset_of_character(*token.end)
        text = without_insertions(file.text[start:end])
        if _IS_SQL.search(text):
            yield from _mutants_of(file, start, text)


def without_insertions(text: str) -> str:
    """Return the text of a string token with what stands in single braces blanked out, as long as before.

    Of a string that is no f-string nothing is lost: braces in its SQL are JSON's, and doubled where it is a format.
    """
    is_formatted = "f" in re.match(r"[A-Za-z]*", text)[0].lower()  # type: ignore[index]  # it matches at least nothing
    if not is_formatted:
        return text
    characters = list(text.replace("{{", "\0\0").replace("}}", "\0\0"))
    depth = 0
    for place, character in enumerate(characters):
        depth += (character == "{") - (character == "}")
        if depth > 0 or character == "}":
            characters[place] = "\0"
    return "".join(characters)


def _mutants_of(file: SourceFile, start: int, text: str) -> Iterator[Mutant]:
    for pattern, new, operator in _SWAPS:
        for found in re.finditer(pattern, text):
            before = text[: found.start()]
            # `SET a = b` compares nothing, `BETWEEN a AND b` connects nothing.
            if (pattern == " = " and _ASSIGNMENT.search(before)) or re.search(r"BETWEEN \S+ $", before):
                continue
            yield file.mutant(start + found.start(), start + found.end(), new, operator)
    for found in _NUMBER.finditer(text):
        yield file.mutant(start + found.start(), start + found.end(), str(int(found[0]) + 1), "number")
    for begin, end in _fallbacks(text):
        yield file.mutant(start + begin, start + end, "", "default")


def _fallbacks(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the last argument of each coalesce stands, its comma with it."""
    for found in re.finditer(r"coalesce\(", text):
        depth, comma = 0, None
        for place in range(found.end(), len(text)):
            if text[place] == ")" and depth == 0:
                if comma is not None:
                    yield comma, place
                break
            depth += (text[place] in "([") - (text[place] in ")]")
            if text[place] == "," and depth == 0:
                comma = place


def _docstring_lines(file: SourceFile) -> set[int]:
    """Return the lines on which docstrings begin: texts that are statements of their own."""
    return {
        node.lineno
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
