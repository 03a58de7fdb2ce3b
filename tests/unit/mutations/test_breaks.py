"""Which places of Python and of SQL are broken, and how."""

import ast

import pytest

from tests.mutations.mutant import SourceFile
from tests.mutations.python_breaks import python_mutants
from tests.mutations.sql_breaks import sql_mutants


def _python(code: str) -> set[str]:
    file = SourceFile("module.py", code)
    return {one.apply(code) for one in python_mutants(file)}


def _sql(code: str) -> set[str]:
    file = SourceFile("module.py", code)
    return {one.apply(code) for one in sql_mutants(file)}


@pytest.mark.parametrize(
    ("code", "mutants"),
    [
        ("a > b", {"a >= b"}),
        ("(a) <= (b)", {"(a) < (b)"}),
        ("a is not None", {"a is None"}),
        ("a not in b", {"a in b"}),
        ("a and b or c", {"a or b or c", "a and b and c"}),
        ("not (a and b)", {"(a and b)", "not (a or b)"}),
        ("LIMIT = 30", {"LIMIT = 31", "LIMIT = 29"}),
        ("LIMIT = 0", {"LIMIT = 1"}),
        ("a = b * c", {"a = b / c"}),
        ("a = f'{b}' + c", set()),
        ("run(timeout='10s')", {'run(timeout="11s")', 'run(timeout="9s")', "pass"}),
        ("x = rows.filter(at__lt=now)", {"x = rows.filter(at__lte=now)", "x = rows.exclude(at__lt=now)"}),
        ("x = rows.order_by('-at')", {'x = rows.order_by("at")'}),
        ("if a:\n    return", {"if not a:\n    return", "if a:\n    pass"}),
        ("é = max(1.0, ä)", {"é = min(1.0, ä)", "é = max(1.1, ä)", "é = max(0.9, ä)"}),
    ],
)
def test_python_is_broken_in_each_of_its_places(code: str, mutants: set[str]) -> None:
    assert _python(code) == mutants


@pytest.mark.parametrize(
    "code",
    [
        '"""What is 1 > 0?"""',
        "from a import b",
        "def f(a: Literal[1]) -> Literal[2]: ...",
        "@dataclass(frozen=True, slots=True)\nclass A: ...",
        "logger.info('done', 3)",
        "name = models.TextField(null=True, max_length=30)",
        "x = zip(a, b, strict=True)",
    ],
)
def test_what_no_test_could_tell_is_left_alone(code: str) -> None:
    assert _python(code) == set()


@pytest.mark.parametrize(
    ("code", "mutants"),
    [
        ("x = 'SELECT a WHERE b > 3'", {"x = 'SELECT a WHERE b >= 3'", "x = 'SELECT a WHERE b > 4'"}),
        ("x = 'a.b IS NOT DISTINCT FROM c'", {"x = 'a.b IS DISTINCT FROM c'"}),
        ("x = 'FROM a LEFT JOIN b'", {"x = 'FROM a JOIN b'"}),
        ("x = 'FROM a JOIN b'", {"x = 'FROM a LEFT JOIN b'"}),
        ("x = 'SELECT coalesce(a, f(b, c))'", {"x = 'SELECT coalesce(a)'"}),
        ("x = f'UPDATE {a if b > 1 else c} SET d = {e} WHERE f'", set()),
        ("x = f'WHERE NOT EXISTS (SELECT {a})'", {"x = f'WHERE EXISTS (SELECT {a})'"}),
        ("x = 'ORDER BY a DESC'", {"x = 'ORDER BY a ASC'"}),
        ("x = 'SELECT a UNION ALL SELECT b'", {"x = 'SELECT a UNION SELECT b'"}),
        ("x = 'a sentence with 3 words > 2'", set()),
    ],
)
def test_sql_in_strings_is_broken_in_each_of_its_places(code: str, mutants: set[str]) -> None:
    assert _sql(code) == mutants


def test_lines_are_those_of_the_text() -> None:
    code = "x = 1\ny = f'''\nSELECT a\nFROM b JOIN c\n'''\n"

    (mutant,) = sql_mutants(SourceFile("module.py", code))

    assert (mutant.place, mutant.changed_lines(code)) == ("module.py:4", ("FROM b JOIN c", "FROM b LEFT JOIN c"))
    ast.parse(mutant.apply(code))
