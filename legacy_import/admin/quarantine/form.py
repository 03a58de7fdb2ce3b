"""What a person typed on a page of the quarantine.

Here are the names of the inputs and how they are read; inputs draws them, actions acts on them.

A name is kind:row:column; the row is its ledger id, or `all` for the one value of all chosen rows.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Self
from uuid import UUID

from django.http import QueryDict

from legacy_import.admin.database_page import parse_row_key

ALL_ROWS: Final = "all"
_KINDS: Final = frozenset({"text", "null", "empty", "take"})
_PARTS: Final = 3
"""An input is named kind:row:column."""
_COUNT: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
"""Python refuses to read a number of thousands of digits."""

Verb = Literal["fix", "archive", "retry", "tick", "back", ""]
_VERBS: Final[Mapping[str, Verb]] = {
    "fix": "fix",
    "archive": "archive",
    "retry": "retry",
    "tick": "tick",
    "back": "back",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was said about one cell: a text, or by a tick NULL, the empty text, or what was suggested."""

    text: str = ""
    ticks: frozenset[str] = frozenset()

    @property
    def has_input(self) -> bool:
        """Whether the cell is to be read anew."""
        return bool(self.text or self.ticks)

    def chosen_value(self, suggestion: str | None) -> str | None:
        """Return what the cell is to be read as; a tick goes before the text, which may only be a suggestion."""
        if "null" in self.ticks:
            return None
        if "empty" in self.ticks:
            return ""
        if suggestion is not None and (
            "take" in self.ticks or _restore_line_ends(suggestion) == _restore_line_ends(self.text)
        ):
            return suggestion
        return _restore_line_ends(self.text)


@dataclass(frozen=True, slots=True)
class SettleForm:
    """A page as it was sent.

    `seen` says for each row which cells the page showed; `rows` and `digest` how many and which the group had.
    `is_confirmed` says that the preview of a whole group was shown.
    """

    verb: Verb = ""
    reason: str = ""
    takes_all: bool = False
    is_confirmed: bool = False
    rows: int = 0
    digest: str = ""
    ticked: frozenset[UUID] = frozenset()
    seen: Mapping[UUID, str] = field(default_factory=dict)
    typed: Mapping[tuple[str, str], Typed] = field(default_factory=dict)

    @classmethod
    def from_post(cls, data: QueryDict) -> Self:
        """Read a request's fields; whatever is no field of these pages is passed over."""
        seen = (
            (parse_row_key(name.removeprefix("seen:")), str(data[name])) for name in data if name.startswith("seen:")
        )
        rows = data.get("rows", "")
        return cls(
            verb=_VERBS.get(data.get("verb", ""), ""),
            reason=data.get("reason", ""),
            takes_all=data.get("scope") == ALL_ROWS,
            is_confirmed=data.get("confirmed") == "1",
            rows=int(rows) if _COUNT.fullmatch(rows) else 0,
            digest=data.get("digest", ""),
            ticked=frozenset(key for key in map(parse_row_key, map(str, data.getlist("row"))) if key),
            seen={key: value for key, value in seen if key},
            typed=_parse_typed_cells(data),
        )

    @property
    def has_common_value(self) -> bool:
        """Whether something was said about all chosen rows at once."""
        return any(row == ALL_ROWS and typed.has_input for (row, _), typed in self.typed.items())

    def typed_cells_of_row(self, row: UUID | str, columns: Iterable[str]) -> dict[str, Typed]:
        """Return what was said about a row's cells, of these columns only, where anything was."""
        said = {name: self.typed.get((str(row), name), Typed()) for name in columns}
        return {name: typed for name, typed in said.items() if typed.has_input}


def _parse_typed_cells(data: QueryDict) -> dict[tuple[str, str], Typed]:
    # The column comes last and is not split further: a legacy column may have a colon in its name.
    texts: dict[tuple[str, str], str] = {}
    ticks: dict[tuple[str, str], set[str]] = {}
    for name in data:
        kind, *place = name.split(":", _PARTS - 1)
        if kind not in _KINDS or len(place) != _PARTS - 1:
            continue
        if kind == "text":
            texts[place[0], place[1]] = str(data[name])
        else:
            ticks.setdefault((place[0], place[1]), set()).add(kind)
    return {key: Typed(texts.get(key, ""), frozenset(ticks.get(key, ()))) for key in texts.keys() | ticks.keys()}


def _restore_line_ends(text: str) -> str:
    """Return the text with the line ends it had before the browser rewrote them."""
    return text.replace("\r\n", "\n")
