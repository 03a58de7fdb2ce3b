"""What a refused cell nearly certainly means: a value to offer a person, who confirms it or types another.

One pure function for each kind of codec; nothing here is ever applied by itself. Where a second meaning is possible
there is no suggestion.
"""

import ast
import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from legacy_import.cells import BadText, SqliteValue, deserialize_cell
from legacy_import.codecs import Codec

_MAX_TEXT_LENGTH: Final = 100_000
_PLAIN: Final = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?")
# A comma or a blank before each group of three; a lone dot would be a decimal point.
_GROUPED: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?:[ \u00a0\u202f][0-9]{3})+)(?:\.[0-9]{1,2})?")
_SEPARATORS: Final = re.compile(r"[, \u00a0\u202f]")
_THOUSANDS: Final = re.compile(r"([+-]?[0-9]{1,6}(?:\.[0-9]{1,3})?) ?[kK]")
_CURRENCY: Final = re.compile(r"(?:€|\$|£|EUR|USD|GBP)")
_TRUE: Final = frozenset({"yes", "y", "t", "on"})
_FALSE: Final = frozenset({"no", "n", "f", "off"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_SECONDS: Final = range(978_307_200, 4_102_444_800)
"""2001 to 2100: a number outside may as well be of another kind."""
_WINDOWS_SIGNS: Final = frozenset(b"\x80\x85\x91\x92\x93\x94\x95\x96\x97\xa3\xa9\xab\xae\xb0\xbb".decode("cp1252"))
"""Quotes, dashes, currencies and the like: what Western texts hold beside letters."""

_Value = SqliteValue | BadText


def suggest_value(codec: Codec, exact: str | None) -> str | None:
    """Return what the exact cell nearly certainly means in a column of the codec, as a person would type it, or None.

    A date and a clock in two columns say one thing together: for these there are no suggestions.
    """
    kind, _, bounds = codec.name.partition("(")
    read = _READINGS.get(kind)
    value = deserialize_cell(exact)
    if value is None or read is None:
        return None
    suggestion = read(value, bounds.rstrip(")"))
    return suggestion if suggestion and suggestion != value else None


def _suggest_text(value: _Value, _bounds: str = "") -> str | None:
    """Return the text without what PostgreSQL cannot hold; bytes that are no UTF-8 most likely came from Windows."""
    if isinstance(value, BadText):
        if utf8 := (_decode_bytes(value, "utf-8") or "").replace("\0", ""):
            return utf8
        windows = _decode_bytes(value, "cp1252") or ""
        plausible = all(sign.isascii() or sign.isalpha() or sign in _WINDOWS_SIGNS for sign in windows)
        return windows if plausible and "\0" not in windows else None
    if isinstance(value, bytes):
        text = _decode_bytes(value, "utf-8")
        return text if text and "".join(text.splitlines()).isprintable() else None
    return str(value)


def _decode_bytes(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _parse_number(value: _Value) -> Decimal | None:
    text = _CURRENCY.sub("", _suggest_text(value) or "", count=1).strip()
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        return Decimal(_SEPARATORS.sub("", text))
    thousands = _THOUSANDS.fullmatch(text)
    return Decimal(thousands[1]) * 1000 if thousands else None


def _suggest_integer(value: _Value, bounds: str) -> str | None:
    number = _parse_number(value)
    if number is None or number != number.to_integral_value():
        return None
    least, most = (int(bound) for bound in bounds.split(","))
    return str(int(number)) if least <= number <= most and int(number) != value else None


def _suggest_decimal(value: _Value, bounds: str) -> str | None:
    number = _parse_number(value)
    digits, scale = (int(bound) for bound in bounds.split(","))
    if number is None or abs(round(number, scale)) >= Decimal(10) ** (digits - scale):
        return None
    return f"{number.normalize():f}"


def _suggest_boolean(value: _Value, _bounds: str) -> str | None:
    word = (_suggest_text(value) or "").strip().lower()
    if word in _TRUE:
        return "true"
    return "false" if word in _FALSE else None


def _suggest_timestamp(value: _Value, _bounds: str) -> str | None:
    """Suggest the timestamp of seconds or milliseconds since 1970 (Unix epoch)."""
    text = (_suggest_text(value) or "").strip()
    if not _PLAIN.fullmatch(text):
        return None
    for unit in (1, 1000):
        seconds = Decimal(text) / unit
        if int(seconds) in _EPOCH_SECONDS:
            return (_EPOCH + timedelta(microseconds=int(seconds * 1_000_000))).isoformat()
    return None


def _suggest_json(value: _Value, _bounds: str) -> str | None:
    """Read JSON with what PostgreSQL refuses taken out, or a Python literal written in its place."""
    text = _suggest_text(value)
    if text is None or len(text) > _MAX_TEXT_LENGTH:
        return None
    # A text nested too deeply is nothing a person will confirm.
    with suppress(ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        spelled = json.dumps(_without_nul(_parse_json_or_python(text)), ensure_ascii=False, allow_nan=False)
        spelled.encode()
        # Bytes that are valid JSON keep their spelling; what PostgreSQL refuses (NaN, NUL) must be written anew.
        is_strict = "NaN" not in text and "\\u0000" not in text
        return text if is_strict and isinstance(value, bytes) else spelled
    return None


def _parse_json_or_python(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_nan_as_null)
    except ValueError:
        found = ast.literal_eval(text)
        if not isinstance(found, dict | list):
            raise
        return found


def _nan_as_null(constant: str) -> None:
    if constant != "NaN":
        raise ValueError(constant)


def _without_nul(found: Any) -> Any:
    match found:
        case str():
            return found.replace("\0", "")
        case dict():
            return {_without_nul(key): _without_nul(member) for key, member in found.items()}
        case list() | tuple():
            return [_without_nul(member) for member in found]
        case _:
            return found


_READINGS: Final[dict[str, Callable[[_Value, str], str | None]]] = {
    "text": _suggest_text,
    "empty_as_null": _suggest_text,
    "lower_case": _suggest_text,
    "key": _suggest_text,
    "integer": _suggest_integer,
    "decimal": _suggest_decimal,
    "boolean": _suggest_boolean,
    "utc_timestamp": _suggest_timestamp,
    "local_timestamp": _suggest_timestamp,
    "empty_or_local_timestamp": _suggest_timestamp,
    "json": _suggest_json,
}
