"""The text of a file's schema: names and statements that only SQLite can read are told before anything is read.

SQLite itself takes any bytes for a name. Python and PostgreSQL want UTF-8 without NUL: such a table could be neither
read by its name nor kept. Called by snapshot.py.
"""

import sqlite3
from pathlib import Path

from legacy_import.errors import TerminalError
from legacy_import.pipeline.snapshot.sqlite_failures import corrupt_file_error
from synapse.foundation.text.visible import visible

_MAX_NAME_CHARS = 60


def check_schema_text(connection: sqlite3.Connection, live: Path) -> None:
    """Raise TerminalError, which names the object, where a name or statement of the schema can't be read.

    Sets the connection's text_factory.
    """
    connection.text_factory = bytes
    rows = connection.execute(
        "SELECT CAST(type AS TEXT), CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_master ORDER BY rowid"
    ).fetchall()
    for kind, name, sql in rows:
        for what, text in (("name", name), ("CREATE statement", sql)):
            if text is not None and (trouble := _find_encoding_problem(text)):
                raise TerminalError(
                    f"The legacy file {live} has {_printable_text(kind)} '{_printable_text(name)}' whose {what}"
                    f" {trouble}: rename it there, or make it anew, then import again."
                )
    known = {name for (name,) in connection.execute("SELECT name FROM pragma_table_list WHERE schema = 'main'")}
    for kind, name, _ in rows:
        if kind == b"table" and name not in known:
            raise corrupt_file_error(
                live, f"its schema has no table of the name '{_printable_text(name)}' that it lists"
            )


def _find_encoding_problem(text: bytes) -> str:
    if b"\0" in text:
        return "holds a NUL"
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return f"is no UTF-8 (byte {text[error.start]:#04x})"
    return ""


def _printable_text(text: bytes) -> str:
    return visible(text.decode("utf-8", "backslashreplace"))[:_MAX_NAME_CHARS]
