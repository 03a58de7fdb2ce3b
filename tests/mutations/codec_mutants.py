"""Every codec broken in every part, one break at a time.

What lives here: the breaks, as data, and breaking a codec in a running interpreter. What does not: running tests
against a broken codec (run_codecs).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from unittest.mock import patch

from legacy_import import codecs
from legacy_import.codecs import Codec
from legacy_import.sources import SOURCES

_LOOKED_UP: Final = ("accepts", "lossless", "empty_is_null")

_SHIFTED: Final = {
    "text": "({0}) || ' '",
    "empty_as_null": "({0}) || ' '",
    "lower_case": "({0}) || ' '",
    "integer": "({0}) + 1",
    "boolean": "NOT ({0})",
    "json": "jsonb_build_array({0})",
    "decimal": "({0}) + 0.01",
    "utc_timestamp": "({0}) + interval '1 hour'",
    "local_timestamp": "({0}) + interval '1 hour'",
    "empty_or_local_timestamp": "({0}) + interval '1 second'",
    "date_and_clock": "({0}) + interval '1 minute'",
    "key": "'a value'",
}
"""A target value a little beside the one it should be."""

_TYPED_NULL: Final = {"json": "NULL::jsonb", "decimal": "NULL::numeric", "boolean": "NULL::boolean"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One break: the codec, the part of it, what is put in its place and what that does, in words."""

    codec: str
    storage: str
    part: str
    value: Any
    label: str

    def breaks(self, codec: Codec) -> bool:
        return (codec.name, codec.storage) == (self.codec, self.storage)

    def broken(self, codec: Codec) -> Codec:
        changes: dict[str, Any] = {self.part: tuple(self.value) if self.part == "encode" else self.value}
        return replace(codec, **changes)


def declared_codecs() -> list[Codec]:
    """Return every codec that a declared column uses, once."""
    used = {(c.codec.name, c.codec.storage): c.codec for s in SOURCES for t in s.tables for c in t.columns}
    return [used[key] for key in sorted(used)]


def mutants() -> Iterator[Mutant]:
    """Yield every break of every declared codec."""
    for codec in declared_codecs():
        kind = codec.name.split("(")[0]
        null = _TYPED_NULL.get(kind, "NULL")
        yield _mutant(codec, "accepts", "false", "refuses all")
        if codec.accepts != "true":
            yield _mutant(codec, "accepts", "true", "accepts all")
        for part in ("decode", "strict"):
            template: str = getattr(codec, part)
            if template != "NULL":
                yield _mutant(codec, part, null, "gives NULL")
            if part == "decode" or template != "NULL":
                yield _mutant(codec, part, _SHIFTED[kind].format(template), "is a little beside")
        for position, template in enumerate(codec.encode):
            for value, label in (("NULL::text", "gives NULL"), (f"({template}) || '0'", "adds a digit")):
                encode = [*codec.encode[:position], value, *codec.encode[position + 1 :]]
                yield _mutant(codec, "encode", encode, f"{label} in cell {position + 1}")
        yield _mutant(codec, "empty_is_null", not codec.empty_is_null, "reads '' the other way")
        if not codec.lossless:
            yield _mutant(codec, "lossless", True, "keeps no residue")  # noqa: FBT003 - the value of a field


def _mutant(codec: Codec, part: str, value: Any, label: str) -> Mutant:
    return Mutant(codec.name, codec.storage, part, value, label)


@contextmanager
def broken(mutant: Mutant) -> Iterator[None]:
    """Make every codec of the mutant's name read and write by the broken part, whoever holds it, until the end."""

    def breaking(method: Any) -> Any:
        def call(self: Codec, *args: Any, **kwargs: Any) -> Any:
            return method(mutant.broken(self) if mutant.breaks(self) else self, *args, **kwargs)

        return call

    with ExitStack() as stack:
        for name in ("accepts_sql", "decode_sql", "encode_sql"):
            stack.enter_context(patch.object(Codec, name, breaking(getattr(Codec, name))))
        for codec in _instances():
            if mutant.breaks(codec):
                # What the pipeline looks up in the codec itself; its values are frozen.
                for part in _LOOKED_UP:
                    stack.callback(object.__setattr__, codec, part, getattr(codec, part))
                    object.__setattr__(codec, part, getattr(mutant.broken(codec), part))
        yield


def _instances() -> list[Codec]:
    declared = {id(c.codec): c.codec for s in SOURCES for t in s.tables for c in t.columns}
    named = {id(value): value for value in vars(codecs).values() if isinstance(value, Codec)}
    return list((declared | named).values())
