"""What an error says, in one line: without the lines in which PostgreSQL quotes the statement and its cells. Pure."""

import re
from typing import Final

_QUOTING_LINES: Final = re.compile(r"\n(?:LINE \d+|DETAIL|CONTEXT|HINT|QUERY|STATEMENT):")


def error_line(error: BaseException) -> str:
    """Return the error's message in one line, or its class where it has none."""
    message = _QUOTING_LINES.split(str(error).strip(), maxsplit=1)[0]
    return " ".join(message.split()) or type(error).__name__
