"""The longest text that fits into the indexes of its column, read from the database's catalogue.

A b-tree takes no entry over 2,704 bytes, and one text too long would stop the whole source, so judge.py refuses the
row. PostgreSQL may compress a longer text until it fits, but how far nobody can predict: the limit is on the text as it
is.
"""

from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper

MAX_INDEXED_BYTES: Final = 2_600
"""All texts of one index entry together; the rest is for the entry's header and its other columns."""


@dataclass(frozen=True, slots=True)
class IndexLimit:
    """An index of a target table and those of its columns that hold texts."""

    index: str
    columns: tuple[str, ...]

    @property
    def expected(self) -> str:
        """What is expected of the texts, in words."""
        together = " together" if len(self.columns) > 1 else ""
        return f"at most {MAX_INDEXED_BYTES:,} bytes{together}, for the index {self.index}"


def read_index_limits(cursor: CursorWrapper, table: str) -> list[IndexLimit]:
    """Return the limits of a table's b-trees; of several on the same texts, the first by name."""
    cursor.execute(
        """
        SELECT min(texts.name), texts.columns FROM (
            SELECT i.indexrelid::regclass::text AS name, array_agg(a.attname::text ORDER BY key.place) AS columns
            FROM pg_index AS i
            JOIN pg_class AS c ON c.oid = i.indexrelid
            JOIN pg_am AS method ON method.oid = c.relam AND method.amname = 'btree'
            CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS key(number, place)
            JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = key.number
            JOIN pg_type AS t ON t.oid = a.atttypid AND t.typcategory = 'S'
            WHERE i.indrelid = to_regclass(%s)
            GROUP BY i.indexrelid
        ) AS texts
        GROUP BY texts.columns ORDER BY 1
        """,
        [table],
    )
    return [IndexLimit(name, tuple(columns)) for name, columns in cursor.fetchall()]
