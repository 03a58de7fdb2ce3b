"""Numbers as people and spreadsheet programs spell them: 1,234.56 · 1.234,56 · 1 234,56 · 1'234.56 · €1.234 · (1,200).

A text is read twice, with a decimal point and with a decimal comma; where both give a number and they differ, only a
person knows which is meant (decimal_marks.py).
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from synapse.kit.import_export.formula_escaping import unescape_formula


class DecimalMark(StrEnum):
    """What stands before the decimals."""

    POINT = "point"
    COMMA = "comma"


@dataclass(frozen=True, slots=True)
class Readings:
    """A text as a number, by decimal mark, in plain digits (1234.56); None where it is none in that spelling."""

    point: str | None
    comma: str | None

    @property
    def is_ambiguous(self) -> bool:
        """Say whether the text is one number with a decimal point and another one with a decimal comma."""
        return self.point is not None and self.comma is not None and Decimal(self.point) != Decimal(self.comma)

    @property
    def mark(self) -> DecimalMark | None:
        """Return the only mark with which the text is a number, None where it says nothing of marks."""
        if self.point is not None and self.comma is not None:
            return None
        if self.point is not None:
            return DecimalMark.POINT
        return DecimalMark.COMMA if self.comma is not None else None

    def reading(self, mark: DecimalMark) -> str | None:
        """Return the number with the mark, or the only one there is."""
        first, second = (self.point, self.comma) if mark is DecimalMark.POINT else (self.comma, self.point)
        return second if first is None else first


_MAX_LENGTH: Final = 60
"""Of a cell that can be a number; no column holds half as many digits."""
_CURRENCIES: Final = (
    "aed aud bgn brl cad chf cny czk dkk eur gbp hkd huf idr ils inr isk jpy krw mdl mxn myr nok nzd php pln ron rsd"
    " rub sar sek sgd thb try uah usd vnd zar euro euros fr ft kr kč lei leu rs sfr zł"
)
_CURRENCY_WORDS: Final = frozenset(_CURRENCIES.split())
_ABBREVIATION_DOT: Final = re.compile(r"(?<=[^\W\d])\.")
"""As in Rs. 500 and 5 kr."""
_MINUS_SIGNS: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"))
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u02b9\u066c", "'"))
_ARABIC_DECIMAL_MARK: Final = "\u066b"
_AROUND_DIGITS: Final = re.compile(
    r"(?P<before>[^0-9.,]*)(?P<digits>[0-9.,][^()%\-]*?)(?P<after>[^0-9.,']*)", re.DOTALL
)
_SIGN_OR_WORD: Final = re.compile(r"[-+()%]|[^-+()%\s]+")
_PLAIN: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?", re.ASCII)
_INDIAN: Final = r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"


def read_number(cell: str) -> Readings:
    """Return the cell's text as a number in both spellings."""
    text = _normalize_number_text(unescape_formula(cell))
    return Readings(_read_with_mark(text, DecimalMark.POINT), _read_with_mark(text, DecimalMark.COMMA))


def is_percentage(cell: str) -> bool:
    """Say whether the text ends or begins with a percent sign."""
    return "%" in _normalize_number_text(cell)


def _normalize_number_text(text: str) -> str:
    """Return the text with ASCII digits, blanks, minus signs and apostrophes; empty where it is too long."""
    if len(text) > _MAX_LENGTH:
        return ""
    text = unicodedata.normalize("NFKC", text).translate(_MINUS_SIGNS).translate(_APOSTROPHES).strip()
    return _ABBREVIATION_DOT.sub("", "".join(_ascii_digit(sign) for sign in text))


def _ascii_digit(sign: str) -> str:
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)


def _read_with_mark(text: str, mark: DecimalMark) -> str | None:
    """Return the number in plain digits, None where the text is none in this spelling."""
    point, thousands = (".", ",") if mark is DecimalMark.POINT else (",", ".")
    found = _AROUND_DIGITS.fullmatch(text.replace(_ARABIC_DECIMAL_MARK, point))
    if found is None:
        return None
    around = _read_surroundings(found["before"], found["after"])
    digits = None if around is None else _read_digits(found["digits"].strip(), point, thousands)
    if around is None or digits is None:
        return None
    is_negative, percent = around
    # As a tuple, for arithmetic would round to the context's precision.
    exact = Decimal(digits).as_tuple()
    exponent = exact.exponent - 2 * percent if isinstance(exact.exponent, int) else 0
    spelled = f"{Decimal((0, exact.digits, exponent)):f}" if percent else digits
    return f"-{spelled}" if is_negative else spelled


def _read_surroundings(before: str, after: str) -> tuple[bool, bool] | None:
    """Return whether the number is negative and whether it is a percentage; None where something else is beside it."""
    first, last = _SIGN_OR_WORD.findall(before), _SIGN_OR_WORD.findall(after)
    signs = [sign for sign in (*first, *last) if sign in {"-", "+"}]
    brackets = (first.count("("), first.count(")"), last.count("("), last.count(")"))
    words = [word for word in (*first, *last) if word not in {"-", "+", "(", ")", "%"}]
    percents = (*first, *last).count("%")
    in_brackets = brackets == (1, 0, 0, 1)
    if not (in_brackets or not any(brackets)) or len(signs) + in_brackets > 1:
        return None
    if len(words) + percents > 1 or not all(map(_is_currency, words)):
        return None
    return in_brackets or signs == ["-"], percents == 1


def _is_currency(word: str) -> bool:
    """Say whether the word is a currency's sign ($, US$), code or name; k and Mio are factors, hence none."""
    if unicodedata.category(word[-1]) == "Sc":
        return len(word) <= 4 and (word[:-1].isalpha() or not word[:-1])  # noqa: PLR2004  # as in MEX$
    return word.casefold() in _CURRENCY_WORDS


def _read_digits(text: str, point: str, thousands: str) -> str | None:
    """Return the digits without thousands marks, the decimals behind a point."""
    if _PLAIN.fullmatch(text.replace(point, ".")) and (point == "." or "." not in text):
        return text.replace(point, ".")
    whole, _, decimals = text.partition(point)
    if decimals and not (decimals.isascii() and decimals.isdigit()):
        return None
    if not whole:
        return f"0.{decimals}" if decimals else None
    grouped = "|".join(rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+" for mark in (thousands, " ", "'"))
    if not re.fullmatch(f"{grouped}|{_INDIAN}" if thousands == "," else grouped, whole):
        return None
    plain = re.sub(r"[^0-9]", "", whole)
    return f"{plain}.{decimals}" if decimals else plain
