r"""The exact spelling of a SQLite cell as text, and back.

A clean text is itself; every other cell is E'\x01', a class, a colon and a payload: `i` integer, `r` real, `b` blob
(hex), `x` a text that holds NUL or is no UTF-8 (hex), `t` a text that itself begins with the mark or was found where
numbers belong. NULL is None. In a staged column whose clean cells are integers or reals, those are untagged ("plain").
The SQL functions that read tags are in legacy_import/sql/0001_cell_functions.sql.
"""

from typing import Final

from legacy_import.codecs import Storage

MARK: Final = "\x01"

_PREFIX: Final = {"integer": f"{MARK}i:", "real": f"{MARK}r:"}

SqliteValue = str | int | float | bytes | None


class BadText(bytes):
    """A SQLite text whose bytes are no UTF-8."""


def read_text(raw: bytes) -> str | BadText:
    """Return the text, or its bytes where they are no UTF-8 (for sqlite3's `text_factory`)."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return BadText(raw)


def read_utf16_text(raw: bytes, codec: str) -> str | BadText:
    """Return the text of a UTF-16 file's bytes; with a lone surrogate, its bytes in the UTF-8 that allows for one.

    `codec` is Python's name of the file's encoding. SQLite itself pairs a lone surrogate with whatever follows it.
    """
    whole = raw[: len(raw) // 2 * 2]
    try:
        return whole.decode(codec)
    except UnicodeDecodeError:
        return BadText(whole.decode(codec, "surrogatepass").encode("utf-8", "surrogatepass"))


def write_utf16_text(text: str | BadText, codec: str) -> bytes:
    """Return a text's bytes in a UTF-16 file; raises UnicodeDecodeError where they cannot be a text in one."""
    spelled = text if isinstance(text, str) else text.decode("utf-8", "surrogatepass")
    return spelled.encode(codec, "surrogatepass")


def utf16_codec(encoding: str) -> str | None:
    """Return Python's name of a SQLite file's encoding where it is UTF-16, None where it is UTF-8."""
    return {"UTF-16LE": "utf-16-le", "UTF-16BE": "utf-16-be"}.get(encoding.upper())


def serialize_cell(value: SqliteValue | BadText) -> str | None:  # noqa: PLR0911 - one return for each storage class
    """Return the tagged spelling of a SQLite value (the inverse of deserialize_cell)."""
    match value:
        case None:
            return None
        case BadText():
            return f"{MARK}x:{value.hex()}"
        case bytes():
            return f"{MARK}b:{value.hex()}"
        case str():
            if "\0" in value:
                return f"{MARK}x:{value.encode().hex()}"
            return f"{MARK}t:{value}" if value.startswith(MARK) else value
        case int():
            return f"{MARK}i:{value}"
        case float():
            return f"{MARK}r:{value!r}"


def serialize_stage_cell(value: SqliteValue | BadText, storage: Storage) -> str | None:
    """Return the stage spelling of a value in a column whose clean cells are of class `storage`."""
    exact = serialize_cell(value)
    if exact is None or storage == "text":
        return exact
    # Among plain numbers every text is odd, also one that looks like a number.
    return exact.removeprefix(_PREFIX[storage]) if exact.startswith(MARK) else f"{MARK}t:{exact}"


def deserialize_cell(exact: str | None) -> SqliteValue | BadText:
    """Return the SQLite value that an exact spelling stands for (the inverse of serialize_cell)."""
    if exact is None or not exact.startswith(MARK):
        return exact
    kind, payload = exact[1], exact[3:]
    match kind:
        case "t":
            return payload
        case "i":
            return int(payload)
        case "r":
            return float(payload)
        case "b":
            return bytes.fromhex(payload)
        case "x":
            return BadText(bytes.fromhex(payload))
        case _:
            raise ValueError(f"unknown cell tag in {exact[:20]!r}")


def exact_sql(plain: str, storage: Storage) -> str:
    """Return SQL that spells a plain cell (a stage column) exactly."""
    if storage == "text":
        return plain
    tag = "i" if storage == "integer" else "r"
    return f"CASE WHEN starts_with({plain}, E'\\x01') THEN {plain} ELSE E'\\x01{tag}:' || {plain} END"


def exact_encoded_sql(encoded: str, storage: Storage) -> str:
    """Return SQL that spells exactly what a codec's `encode` gives: a raw text, or a number with or without its tag."""
    if storage == "text":
        return f"CASE WHEN starts_with({encoded}, E'\\x01') THEN E'\\x01t:' || {encoded} ELSE {encoded} END"
    return exact_sql(f"({encoded})", storage)
