"""The numbers of a page, and the lists they open: every number equals its list's count or sum.

What lives here: reading both from HTML, and comparing them; a number added to a page is covered without a word here.
What does not: which numbers a page must have (the tests of the page).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import Final

from django.test import Client

_RECKONED: Final = {"share", "score"}
"""Units of numbers made of other numbers: their link opens the rows they are about."""


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """A number of a page, its value and link empty where there is none; `of` is the column it sums."""

    value: str
    unit: str
    of: str
    link: str


@dataclass(slots=True)
class ListTotals:
    """What stands below a list: its rows, and the sums by column, empty where no row has a value."""

    rows: int | None = None
    sums: dict[str, str] = field(default_factory=dict)


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the parser's
        self.attributes.append({name: value or "" for name, value in attrs})


def numbers_of(html: str) -> list[ShownNumber]:
    """Return the numbers of a page in its order."""
    return [
        ShownNumber(found["data-value"], found["data-unit"], found["data-of"], found.get("href", ""))
        for found in _attributes(html)
        if "data-number" in found
    ]


def list_totals(html: str) -> ListTotals:
    """Return what stands below a list."""
    totals = ListTotals()
    for found in _attributes(html):
        if "data-rows" in found:
            totals.rows = int(found["data-rows"])
        elif "data-sum" in found:
            totals.sums[found["data-sum"]] = found["data-value"]
    return totals


def open_numbers(client: Client, html: str) -> list[ShownNumber]:
    """Follow every number's link, assert that its list comes to the number, and return the numbers."""
    numbers = numbers_of(html)
    assert numbers, "The page shows no number."
    lists: dict[str, ListTotals] = {}
    for number in numbers:
        if number.link and number.link not in lists:
            answer = client.get(number.link)
            assert answer.status_code == 200, (
                f"{number} opens {answer.status_code} {answer.headers.get('Location', '')}"
            )
            lists[number.link] = list_totals(answer.content.decode())
        assert number.link or not number.value, f"{number} opens nothing."
        if number.link and number.unit not in _RECKONED:
            assert _equals(number, lists[number.link]), f"{number} against {lists[number.link]}"
    return numbers


def _equals(number: ShownNumber, totals: ListTotals) -> bool:
    assert totals.rows is not None, f"The list of {number} says no total."
    if number.unit == "count" and not number.of:
        return Decimal(number.value) == totals.rows
    sums = [totals.sums[number.of]] if number.of else list(totals.sums.values())
    return any(_same(number.value, shown, totals.rows) for shown in sums)


def _same(value: str, shown: str, rows: int) -> bool:
    """Say whether both are the same sum; over no rows nought and none are."""
    if not shown:
        return not value or (rows == 0 and not Decimal(value))
    return bool(value) and Decimal(value) == Decimal(shown)


def _attributes(html: str) -> Iterator[dict[str, str]]:
    parser = _Elements()
    parser.feed(html)
    yield from parser.attributes


def figure(page: str, label: str) -> str:
    """Return the number a dashboard shows under a label."""
    found = re.search(rf"<dt>{label}</dt>\s*<dd[^>]*>(?:<a|<span)[^>]*>([^<]*)<", page)
    assert found is not None, label
    return unescape(found[1])


def line(page: str, title: str, label: str) -> list[str]:
    """Return the numbers beside a label in a chart's table."""
    table = re.search(rf"<h3>{title}</h3>.*?</figure>", page, re.DOTALL)
    assert table is not None, title
    found = re.search(rf'<th scope="row">{re.escape(label)}\s*<.*?</tr>', table[0], re.DOTALL)
    assert found is not None, label
    return re.findall(r"data-value=\"([^\"]*)\"", found[0])
