"""What a CREATE statement of a legacy file asks for that this SQLite lacks. Pure functions over its text."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<string>[xX]?'(?:[^']|'')*')
      | (?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
      | (?P<word>[^\W\d][\w$]*)
      | (?P<other>[\d.][\w.]*|\S)""",
    re.VERBOSE | re.DOTALL,
)
_NOT_CALLED_AFTER: Final = frozenset({"AS", "INTO", "ON", "TABLE", "VIEW", "REFERENCES", "UPDATE", "WITH", "RECURSIVE"})
"""A name after one of these, before a parenthesis, is a table's or a type's."""
_NO_FUNCTIONS: Final = frozenset(
    re.findall(
        r"\w+",
        """
        ALL AND AS BETWEEN BY CASE CAST CHECK CONFLICT DEFAULT DISTINCT ELSE END EXCEPT EXISTS FILTER FOREIGN FROM GLOB
        GROUP HAVING IGNORE IN INDEX INTERSECT INTO IS ISNULL KEY LIKE LIMIT MATCH MATERIALIZED NOT NOTNULL OF OFFSET ON
        OR ORDER OVER PARTITION RAISE REGEXP RETURNING SELECT SET THEN UNION UNIQUE USING VALUES WHEN WHERE WINDOW
        """,
    )
)
"""Keywords that a parenthesis may follow."""
_IS_VIRTUAL: Final = re.compile(r"\s*CREATE\s+VIRTUAL\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, name, string or sign of a statement; `depth` counts the parentheses around it."""

    kind: str
    text: str
    start: int
    end: int
    depth: int

    @property
    def word(self) -> str:
        """The keyword it may be; empty where it is none."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def identifier(self) -> str:
        """The name without its quotes."""
        if self.kind == "word":
            return self.text
        quote = self.text[-1]
        return self.text[1:-1].replace(quote * 2, quote)


def tokenize(sql: str) -> list[Token]:
    """Return the statement's tokens without its comments; a parenthesis has the depth of what is around it."""
    tokens, depth = [], 0
    for found in _TOKEN.finditer(sql):
        text = found.group()
        depth -= text == ")"
        if found.lastgroup != "comment":
            tokens.append(Token(str(found.lastgroup), text, found.start(), found.end(), depth))
        depth += text == "("
    return tokens


def is_virtual(sql: str) -> bool:
    """Say whether the statement creates a virtual table."""
    return _IS_VIRTUAL.match(sql) is not None


def find_foreign_collations(sql: str) -> list[str]:
    """Return the collations the statement names and this SQLite lacks, in the order of their first use."""
    if is_virtual(sql):
        return []  # what stands in its parentheses is the module's own language
    tokens = tokenize(sql)
    named = [after.identifier for token, after in pairwise(tokens) if token.word == "COLLATE"]
    return _without_repeats(name for name in named if name.casefold() not in known_collations())


def find_foreign_functions(sql: str) -> list[str]:
    """Return the functions the statement calls and this SQLite lacks, in the order of their first use."""
    if is_virtual(sql):
        return []
    tokens = tokenize(sql)
    # A table's body is one parenthesis; directly in it, a word before a parenthesis is a type, as in VARCHAR(20).
    is_table = next((token.word for token in tokens[1:] if token.word not in {"TEMP", "TEMPORARY"}), "") == "TABLE"
    called = []
    for position, token in enumerate(tokens[:-1]):
        before = tokens[position - 1].word if position else ""
        if token.word == "REGEXP":
            called.append(token.text)  # the operator is a call of the function regexp()
        is_call = tokens[position + 1].text == "(" and token.kind in {"word", "name"}
        if not is_call or token.word in _NO_FUNCTIONS or before in _NOT_CALLED_AFTER:
            continue
        if not (is_table and token.depth < 2) and not _names_common_table(tokens, position):  # noqa: PLR2004 - see above
            called.append(token.identifier)
    return _without_repeats(name for name in called if name.casefold() not in known_functions())


def _names_common_table(tokens: Sequence[Token], position: int) -> bool:
    """Say whether the name and its parenthesis begin a common table expression: name(columns) AS (...)."""
    end = _find_closing_parenthesis(tokens, position + 1)
    after = [token.text.upper() for token in tokens[end + 1 : end + 3]]
    return len(after) == 2 and after[0] == "AS" and after[1] in {"(", "NOT", "MATERIALIZED"}  # noqa: PLR2004


def _find_closing_parenthesis(tokens: Sequence[Token], opening: int) -> int:
    """Return the place of the parenthesis that closes the one at `opening`; the last token where none does."""
    depth = tokens[opening].depth
    places = range(opening + 1, len(tokens))
    return next((at for at in places if tokens[at].text == ")" and tokens[at].depth == depth), len(tokens) - 1)


def find_indexed_table(sql: str) -> str:
    """Return the table that an index or a trigger is on; empty where the statement does not say."""
    tokens = tokenize(sql)
    return next(
        (after.identifier for token, after in pairwise(tokens) if token.word == "ON"),
        "",
    )


def strip_stored_generated_clauses(sql: str) -> str:
    """Return a CREATE TABLE statement in which STORED generated columns are plain ones, of the same record layout.

    Where the expression cannot be computed here, their values are inserted as they were.
    """
    tokens = tokenize(sql)
    stripped, done = "", 0
    for position, token in enumerate(tokens):
        following = tokens[position + 1 : position + 2]
        if token.word != "AS" or token.depth != 1 or not following or following[0].text != "(":
            continue
        closing_at = _find_closing_parenthesis(tokens, position + 1)
        if closing_at + 1 < len(tokens) and tokens[closing_at + 1].word == "STORED":
            words = [each.word for each in tokens[max(position - 2, 0) : position]]
            first = tokens[position - 2] if words == ["GENERATED", "ALWAYS"] else token
            stripped += sql[done : first.start]
            done = tokens[closing_at + 1].end
    return stripped + sql[done:]


def strip_check_constraints(sql: str) -> str:
    """Return a CREATE TABLE statement without its CHECK constraints, which lay out no record."""
    tokens = tokenize(sql)
    stripped, done = "", 0
    for position, token in enumerate(tokens[:-1]):
        if token.word == "CHECK" and token.depth == 1 and tokens[position + 1].text == "(":
            before = tokens[position - 1]
            stripped += sql[done : before.start if before.text == "," else token.start]
            done = tokens[_find_closing_parenthesis(tokens, position + 1)].end
    return stripped + sql[done:]


@cache
def known_collations() -> frozenset[str]:
    """Return the collations of this SQLite, case folded."""
    return _read_names("SELECT name FROM pragma_collation_list")


@cache
def known_functions() -> frozenset[str]:
    """Return the functions of this SQLite, those that give tables among them, case folded."""
    return _read_names("SELECT name FROM pragma_function_list UNION SELECT name FROM pragma_module_list")


def _read_names(query: str) -> frozenset[str]:
    with closing(sqlite3.connect(":memory:")) as fresh:
        return frozenset(name.casefold() for (name,) in fresh.execute(query))


def _without_repeats(names: Iterator[str]) -> list[str]:
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(name.casefold(), name)
    return list(first.values())
