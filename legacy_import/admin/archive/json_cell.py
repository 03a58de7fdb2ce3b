"""JSON texts as HTML: objects as lines of name and value, lists of objects as tables; called by page_cells.

What would not be shown as it is (a name given twice, 1.50, NaN, a lone surrogate) stays the text it was.
"""

import json
from typing import Any, Final, NoReturn

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from legacy_import.admin.tables import html_table
from legacy_import.cell_display import visible

_MAX_LENGTH: Final = 20_000
_MAX_OPEN_ENTRIES: Final = 5
"""Up to so many entries are shown at once, more behind a click."""


def json_as_html(text: str) -> SafeString | None:
    """Return a JSON object or list as HTML, None for every other text."""
    if len(text) > _MAX_LENGTH or not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_dict_without_duplicates,
            parse_constant=_refuse_inexact,
            parse_float=_parse_exact_float,
            parse_int=_parse_exact_integer,
        )
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    if not value:
        return None
    entries = _entries_html(value)
    if len(value) <= _MAX_OPEN_ENTRIES:
        return entries
    return format_html("<details><summary>{} entries</summary>{}</details>", len(value), entries)


def _entries_html(value: Any) -> SafeString:
    if isinstance(value, dict):
        lines = ((visible(name), _format_scalar(item)) for name, item in value.items())
        return format_html_join("", "<div><b>{}</b>: {}</div>", lines)
    if all(isinstance(item, dict) for item in value):
        names = list(dict.fromkeys(name for item in value for name in item))
        cells = ([_format_scalar(item[name]) if name in item else "" for name in names] for item in value)
        rows = ([number, *row] for number, row in enumerate(cells, start=1))
        return html_table(["", *map(visible, names)], rows)
    return format_html_join("", "<div>{}</div>", ((_format_scalar(item),) for item in value))


def _format_scalar(value: Any) -> str:
    return visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _dict_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a dict from the pairs; raise ValueError where a name is given twice (object_pairs_hook)."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found


def _parse_exact_float(spelled: str) -> float:
    if repr(float(spelled)) != spelled:
        _refuse_inexact(spelled)
    return float(spelled)


def _parse_exact_integer(spelled: str) -> int:
    if str(int(spelled)) != spelled:
        _refuse_inexact(spelled)
    return int(spelled)


def _refuse_inexact(spelled: str) -> NoReturn:
    raise ValueError(f"{spelled[:80]} would be shown otherwise")
