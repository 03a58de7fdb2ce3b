"""SQLite's integrity_check of a snapshot: damage to the file, told apart from odd values of the legacy rows.

Called by `checking` for a snapshot whose checksum is right: what it finds was in the file when it was taken.
"""

import re
from contextlib import closing
from pathlib import Path
from typing import Final

from legacy_import.backups.backup_kind import ContentFlaw
from legacy_import.foreign_sqlite.reading import UnreadTableError, find_structure_remarks, open_legacy_copy
from legacy_import.pipeline.snapshot.sqlite_failures import SQLITE_ERRORS, error_message

_VALUE_REMARK: Final = re.compile(r"(?:NULL|NUMERIC|TEXT|non-\w+) value in |CHECK constraint failed in ")
"""Remarks of integrity_check on values, not on the file: the legacy rows are like that, and the import judges them."""
_INDEX_REMARK: Final = re.compile(
    r"row \d+ missing from index |wrong # of entries in index |non-unique entry in index "
)
_MAX_REMARK_LENGTH: Final = 80


def find_structure_flaw(path: Path) -> ContentFlaw | None:
    """Return what SQLite finds damaged in the snapshot, None where nothing is."""
    remarks = _read_remarks(path)
    # An index can be rebuilt from its table, everything else is lost data: the graver remark is reported.
    grave = next((remark for remark in remarks if not _INDEX_REMARK.match(remark)), None)
    if grave:
        return ContentFlaw(f"SQLite finds it damaged: {grave[:_MAX_REMARK_LENGTH]}")
    if remarks:
        return ContentFlaw(
            f"its bytes are as they were taken, but SQLite says: {remarks[0][:_MAX_REMARK_LENGTH]}",
            fix="the legacy file has this flaw too: run REINDEX on it and import it again",
            is_original=True,
        )
    return None


def _read_remarks(path: Path) -> list[str]:
    """Return what SQLite's integrity_check says of the file, less what it says of values."""
    try:
        with closing(open_legacy_copy(path)) as connection:
            # Legacy texts need not be UTF-8, and a remark may quote one.
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            remarks = find_structure_remarks(connection, "PRAGMA integrity_check")
    except (*SQLITE_ERRORS, UnreadTableError) as error:
        return [error_message(error)]
    return [remark for remark in remarks if not _VALUE_REMARK.match(remark)]
