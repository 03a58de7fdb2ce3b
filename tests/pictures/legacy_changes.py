"""What the old scripts write between two imports: new rows, rows that can't land, and values people changed too.

What lives here: those changes to the demonstration files. What does not: the files (legacy_import.demo), what people do
meanwhile (story.py).
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

PRIMARY: Final = "linkedin_business_development.db"
AB_TESTING: Final = "ab_testing.db"

_NEW_ROWS: Final = (
    ("estimated_value", "25 000 EUR"),
    ("estimated_value", "30 000 EUR"),
    ("created_at", "last Tuesday"),
)
"""A column, and what a script or a hand wrote there that is no number and no time."""


def write_more(folder: Path) -> None:
    """Let the scripts go on for a day: three inquiries that can't land, one answered in both places, a bad count."""
    with closing(sqlite3.connect(folder / PRIMARY)) as connection, connection:
        for number, (column, text) in enumerate(_NEW_ROWS):
            _add_inquiry(connection, key=f"inquiry-by-hand-{number + 1}", column=column, text=text)
        connection.execute(
            "UPDATE consultation_inquiries SET status = 'qualified', notes = 'Answered by the script.'"
            " WHERE rowid IN (SELECT rowid FROM consultation_inquiries WHERE status = 'new' ORDER BY rowid LIMIT 2)"
        )
    with closing(sqlite3.connect(folder / AB_TESTING)) as connection, connection:
        connection.execute(
            "UPDATE test_variants SET impressions = 'about 900' WHERE rowid = (SELECT max(rowid) FROM test_variants)"
        )


def _add_inquiry(connection: sqlite3.Connection, *, key: str, column: str, text: str) -> None:
    """Add a copy of the newest inquiry with a key of its own and the text in the column."""
    connection.row_factory = sqlite3.Row
    row = dict(connection.execute("SELECT * FROM consultation_inquiries ORDER BY rowid DESC LIMIT 1").fetchone())
    row |= {"inquiry_id": key, column: text}
    places = ", ".join("?" for _ in row)
    names = ", ".join(f'"{name}"' for name in row)
    connection.execute(f"INSERT INTO consultation_inquiries ({names}) VALUES ({places})", list(row.values()))
