"""Codecs: how one legacy cell becomes one target value, and back, as pairs of SQL expressions.

Every mapping in legacy_import.sources is written with these; the SQL functions behind strict readings are in
legacy_import/sql.

A clean cell (of the storage class the codec names) is staged as plain text and read by `accepts` and `decode`. An odd
cell is staged tagged (see legacy_import.cells) and read by `strict`, which gives NULL for what it refuses. In the
templates `{c}` is a legacy cell, `{d}` the second cell of a pair, `{x}` an untagged text, `{t}` a target value and
`{zone}` the time zone of the naive legacy timestamps.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

Storage = Literal["text", "integer", "real"]
"""The SQLite storage class of a clean cell."""

_DIGITS: Final = "translate({c}, '012345678', '999999999')"
_USUAL_YEARS: Final = "({c} COLLATE \"C\") BETWEEN '0001-01-03' AND '9999-12-30'"
"""Beyond them the strict reading checks that the moment exists in every time zone PostgreSQL may show it in."""

_UTC_SHAPES: Final = "('9999-99-99 99:99:99', '9999-99-99 99:99:99.999999')"
_LOCAL_SHAPES: Final = "('9999-99-99T99:99:99', '9999-99-99T99:99:99.999999')"


@dataclass(frozen=True, slots=True)
class Codec:
    """One way of reading and writing cells.

    `lossless` says that a clean cell always comes back as it was, so that no residue need be looked for.
    """

    name: str
    storage: Storage
    expected: str
    accepts: str
    decode: str
    encode: tuple[str, ...]
    strict: str
    lossless: bool = False
    empty_is_null: bool = False

    def accepts_sql(self, cells: tuple[str, ...], *, odd: bool, zone: str) -> str:
        """Return a boolean expression: the cells are NULL or can be decoded."""
        clean = _fill_template(self.accepts, cells, zone)
        if odd:
            clean = (
                f"CASE WHEN {_is_tagged_sql(cells)} THEN ({self._strict_sql(cells, zone)}) IS NOT NULL ELSE {clean} END"
            )
        empty = f"{cells[0]} = '' OR " if self.empty_is_null else ""
        return f"({cells[0]} IS NULL OR {empty}({clean}))"

    def decode_sql(self, cells: tuple[str, ...], *, odd: bool, zone: str) -> str:
        """Return the target value of cells that `accepts_sql` let pass."""
        clean = _fill_template(self.decode, cells, zone)
        if odd:
            clean = f"CASE WHEN {_is_tagged_sql(cells)} THEN {self._strict_sql(cells, zone)} ELSE {clean} END"
        return f"CASE WHEN {cells[0]} <> '' THEN {clean} END" if self.empty_is_null else f"({clean})"

    def encode_sql(self, value: str, *, zone: str) -> tuple[str, ...]:
        """Return the plain cells, one per legacy column, that stand for the target value."""
        cells = tuple(template.replace("{t}", value).replace("{zone}", zone) for template in self.encode)
        return tuple(f"coalesce({cell}, '')" for cell in cells) if self.empty_is_null else cells

    def _strict_sql(self, cells: tuple[str, ...], zone: str) -> str:
        read = self.strict.replace("{x}", f"legacy_text({cells[0]})")
        return _fill_template(read, cells, zone)


def _fill_template(template: str, cells: tuple[str, ...], zone: str) -> str:
    second = cells[1] if len(cells) > 1 else "NULL"
    return template.replace("{c}", cells[0]).replace("{d}", second).replace("{zone}", zone)


def _is_tagged_sql(cells: tuple[str, ...]) -> str:
    return " OR ".join(f"starts_with({cell}, E'\\x01')" for cell in cells)


TEXT: Final = Codec(
    name="text",
    storage="text",
    expected="a text",
    accepts="true",
    decode="{c}",
    encode=("{t}",),
    strict="{x}",
    lossless=True,
)
"""A text as it is; a number found in its place is decoded as its digits."""

EMPTY_AS_NULL: Final = replace(TEXT, name="empty_as_null", empty_is_null=True, lossless=False)
"""A text whose legacy writers spell NULL as the empty string."""

LOWER_CASE: Final = replace(TEXT, name="lower_case", decode="lower({c})", strict="lower({x})", lossless=False)
"""A word that counts the same however it is written; the legacy spelling is kept as residue."""


def integer_codec(minimum: int, maximum: int) -> Codec:
    """Return the codec of a whole number within bounds; '4' and 25000.0 are accepted, 12.7 is not."""
    return Codec(
        name=f"integer({minimum},{maximum})",
        storage="integer",
        expected=f"a whole number from {minimum} to {maximum}",
        accepts=f"{{c}}::bigint BETWEEN {minimum} AND {maximum}",
        decode="{c}::integer",
        encode=("{t}::text",),
        strict=f"CASE WHEN legacy_integer({{x}}) BETWEEN {minimum} AND {maximum} THEN legacy_integer({{x}}) END",
        lossless=True,
    )


INTEGER: Final = integer_codec(-2147483648, 2147483647)
"""A whole number that PostgreSQL's INTEGER holds."""

BOOLEAN: Final = Codec(
    name="boolean",
    storage="integer",
    expected="0, 1, true or false",
    accepts="{c} IN ('0', '1')",
    decode="{c} = '1'",
    encode=("{t}::integer::text",),
    strict="legacy_boolean({x})",
    lossless=True,
)
"""SQLite's 0 and 1."""

JSON: Final = Codec(
    name="json",
    storage="text",
    expected="valid JSON, at most 200 levels deep, without numbers of over 254 digits",
    accepts="legacy_json({c}) IS NOT NULL",
    decode="{c}::jsonb",
    encode=("{t}::text",),
    strict="legacy_json({x})",
)
"""JSON text; its spelling (key order, repeated keys, escapes) is kept as residue."""


def decimal_codec(digits: int, scale: int, *, storage: Storage = "real") -> Codec:
    """Return the codec of a DECIMAL(digits, scale) target.

    Excess decimals are rounded half away from zero (the original is kept as residue); what overflows is refused.
    `storage` is the class the legacy writers use: an integer column that receives cents from here gets a real.
    """
    # As float8 first: it is cheap, and rules out huge exponents before numeric computes with all their digits.
    bound = f"1e{digits - scale}"
    rounded = f"round({{c}}::numeric, {scale})"
    plain_real = "CASE WHEN {t} = trunc({t}) THEN trunc({t})::text || '.0' ELSE trim_scale({t})::text END"
    plain_integer = "CASE WHEN {t} = trunc({t}) THEN trunc({t})::text ELSE E'\\x01r:' || trim_scale({t})::text END"
    return Codec(
        name=f"decimal({digits},{scale})",
        storage=storage,
        expected=f"a number below {10 ** (digits - scale):,} with at most {scale} decimals",
        accepts=f"CASE WHEN abs({{c}}::float8) < {bound} THEN abs({rounded}) < {bound} ELSE false END",
        decode=rounded,
        encode=(plain_integer if storage == "integer" else plain_real,),
        strict=f"legacy_decimal({{x}}, {digits}, {scale})",
        lossless=storage == "integer",
    )


MONEY: Final = decimal_codec(10, 2)
"""Money that the legacy writers keep as a float."""

WHOLE_MONEY: Final = decimal_codec(10, 2, storage="integer")
"""Money that the legacy writers keep as whole units."""

RATIO: Final = decimal_codec(5, 4)
"""A rate such as 0.0825, four decimals."""


def _timestamp_codec(name: str, *, shapes: str, naive_zone: str, spelling: str) -> Codec:
    local = f"{{t}} AT TIME ZONE {naive_zone}"
    usual = f"{_DIGITS} IN {shapes} AND {_USUAL_YEARS}"
    read = f"legacy_timestamp({{x}}, {naive_zone}, {{zone}})"
    return Codec(
        name=name,
        storage="text",
        expected="a date and time such as 2025-01-20 07:00:00, in the years 1 to 9999",
        accepts=f"CASE WHEN {usual} THEN pg_input_is_valid({{c}}, 'timestamp') "
        f"ELSE {read.replace('{x}', '{c}')} IS NOT NULL END",
        decode=f"CASE WHEN {usual} THEN {{c}}::timestamp AT TIME ZONE {naive_zone} "
        f"ELSE {read.replace('{x}', '{c}')} END",
        encode=(
            (
                f"CASE WHEN date_trunc('second', {{t}}) = {{t}} THEN to_char({local}, '{spelling}') "
                f"ELSE to_char({local}, '{spelling}.US') END"
            ),
        ),
        strict=read,
    )


UTC_TIMESTAMP: Final = _timestamp_codec(
    "utc_timestamp", shapes=_UTC_SHAPES, naive_zone="'UTC'", spelling="YYYY-MM-DD HH24:MI:SS"
)
"""What SQLite's CURRENT_TIMESTAMP writes."""

LOCAL_TIMESTAMP: Final = _timestamp_codec(
    "local_timestamp", shapes=_LOCAL_SHAPES, naive_zone="{zone}", spelling='YYYY-MM-DD"T"HH24:MI:SS'
)
"""What Python's datetime.now().isoformat() writes.

In the hour that the autumn clock change repeats, PostgreSQL takes the later instant (winter time); a time in the hour
that spring leaves out is read by the offset before the change, and its spelling is kept as residue.
"""

EMPTY_OR_LOCAL_TIMESTAMP: Final = replace(LOCAL_TIMESTAMP, name="empty_or_local_timestamp", empty_is_null=True)
"""A local timestamp whose writers spell NULL as the empty string."""

DATE_AND_CLOCK: Final = Codec(
    name="date_and_clock",
    storage="text",
    expected="a date such as 2025-01-20, in the years 1 to 9999, and a time such as 7:00 AM",
    accepts="legacy_date_and_clock({c}, {d}, {zone}) IS NOT NULL",
    decode="legacy_date_and_clock({c}, {d}, {zone})",
    encode=(
        "to_char({t} AT TIME ZONE {zone}, 'YYYY-MM-DD')",
        "to_char({t} AT TIME ZONE {zone}, 'FMHH12:MI AM')",
    ),
    strict="legacy_date_and_clock({x}, legacy_text({d}), {zone})",
)
"""A date and a twelve-hour clock in two columns, in the legacy writers' time zone."""

KEY: Final = Codec(
    name="key",
    storage="text",
    expected="a key",
    accepts="true",
    decode="NULL",
    encode=("{t}",),
    strict="{x}",
    lossless=True,
)
"""A legacy primary key without a target column: the ledger's key is the cell."""
