"""What cells of the revenue lists say: money, scores, the beginnings of long texts.

Plain text; each page's module says which columns there are.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from django.contrib import admin
from django.db.models import Model
from django.utils.text import Truncator

from synapse.foundation.text.visible import visible
from synapse.kit.dashboard.numbers import Unit, format_number

STYLES: Final = {"all": ["revenue/lists.css"]}
"""For the Media of an admin page with links in its cells."""
_MAX_CELL_LENGTH: Final = 80
_NO_VALUE: Final = "-"


def format_money(amount: Decimal | None) -> str | None:
    """Return an amount in dollars, None where there is none."""
    return None if amount is None else format_number(amount, Unit.MONEY)


def format_share(part: Decimal | None) -> str | None:
    """Return a part of one in per cent, None where there is none."""
    return None if part is None else format_number(part, Unit.SHARE)


def text_column(name: str) -> Callable[[Model], str]:
    """Return a list's column that shows a text as it can be shown; Django would show it as it is stored."""

    @admin.display(description=name.replace("_", " "), ordering=name)
    def shown(row: Model) -> str:
        text = getattr(row, name)
        return _NO_VALUE if text is None else visible(text)

    # Django takes the column's name, and so the cell's class, from the function.
    shown.__name__ = name
    return shown


def shorten_text(text: str | None) -> str:
    """Return the beginning of a text on one line, without the marks of its headings."""
    words = " ".join((text or "").replace("#", " ").split())
    return visible(Truncator(words).chars(_MAX_CELL_LENGTH))
