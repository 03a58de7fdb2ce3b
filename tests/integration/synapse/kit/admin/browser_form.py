"""What a browser would submit of a page's form if a person pressed Save at once.

What lives here: reading a form's fields, with the browser's habits (line ends, the swallowed first line end).
What does not: sending it.
"""

import re
from html.parser import HTMLParser


def submitted(html: str) -> dict[str, str]:
    """Return the fields of the admin page's form and their untouched values."""
    reader = _FormReader()
    reader.feed(html)
    return reader.fields


_LINE_END = re.compile("\r\n|\r|\n")


def _sent(value: str) -> str:
    """Return the value as a browser sends it: every line end is CR LF."""
    return _LINE_END.sub("\r\n", value)


class _FormReader(HTMLParser):
    """Collects the fields between the form's tags, the values in the page's words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, str] = {}
        self._inside = False
        self._text: tuple[str, list[str]] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = found.get("id", "").endswith(("_form", "changelist-form"))
        if not self._inside:
            return
        name = found.get("name", "")
        if tag == "input" and name and found.get("type") not in {"submit", "checkbox", "radio"}:
            self.fields[name] = _sent(found.get("value", ""))
        elif tag == "input" and found.get("type") == "checkbox" and "checked" in found:
            self.fields[name] = found.get("value", "on")
        elif tag == "textarea":
            self._text = (name, [])
        elif tag == "select":
            self._select = name
            self.fields[name] = ""
        elif tag == "option" and "selected" in found:
            self.fields[self._select] = _sent(found.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea" and self._text is not None:
            name, pieces = self._text
            self.fields[name] = _sent(_LINE_END.sub("\n", "".join(pieces)).removeprefix("\n"))
            self._text = None
