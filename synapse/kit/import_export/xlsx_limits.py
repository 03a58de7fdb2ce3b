"""Limits of what an XLSX file may unpack to, checked before it is read into memory: zip bombs, entity expansion."""

from collections.abc import Mapping
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import ZipFile

from synapse.kit.import_export.errors import FileError

MAX_COLUMNS: Final = 500
"""No table here has a tenth as many."""
MAX_UNPACKED_BYTES: Final = 50_000_000
"""A file of some kilobytes may unpack to terabytes."""
_MAX_ELEMENTS: Final = 2_000_000
_MAX_ELEMENTS_PER_ROW: Final = 50_000
"""Each takes a hundred bytes of memory or more; the format's widest row of numbers has 32,768."""
_ENCRYPTED: Final = 0x1
_ROWS: Final = frozenset({"row", "si"})
_CONTENTS: Final = frozenset({"v", "t", "f"})
_TOO_MANY_CELLS: Final = (
    "The file has too many cells. Save only the columns and rows to import, or save it as CSV UTF-8."
)


def check_xlsx_limits(packed: ZipFile) -> None:
    """Raise FileError where the file has a password, or unpacks to more than is taken at once."""
    parts = packed.infolist()
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise FileError("The file has a password. Save it without one.")
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        size = f"{MAX_UNPACKED_BYTES // 1_000_000} MB"
        raise FileError(f"The file unpacks to more than {size}. Save fewer rows, or save it as CSV UTF-8.")
    count = _ElementCounter()
    for part in parts:
        with packed.open(part) as file:
            parser = ParserCreate()
            parser.StartElementHandler, parser.EndElementHandler = count.begin_element, count.end_element
            parser.StartDoctypeDeclHandler = _refuse_document_type
            try:
                parser.ParseFile(file)
            except ExpatError:
                # No XML: a picture, say. A broken sheet is refused when it is read.
                continue


class _ElementCounter:
    """Counts XML elements while they are parsed, without keeping them."""

    def __init__(self) -> None:
        self.all = self.in_row = self.column = 0

    def begin_element(self, name: str, attributes: Mapping[str, str]) -> None:
        """Count an element. Raises FileError beyond a limit."""
        self.all += 1
        self.in_row += 1
        if self.all > _MAX_ELEMENTS or self.in_row > _MAX_ELEMENTS_PER_ROW:
            raise FileError(_TOO_MANY_CELLS)
        local = name.rpartition(":")[2]
        if local in _ROWS:
            self.column = 0
        elif local == "c":
            self.column = _column_number(attributes.get("r", "")) or self.column + 1
        elif local in _CONTENTS and self.column > MAX_COLUMNS:
            raise FileError(
                f"A row has a cell beyond column {MAX_COLUMNS}. Delete what stands to the right of the table."
            )

    def end_element(self, name: str) -> None:
        """Begin the next row."""
        if name.rpartition(":")[2] in _ROWS:
            self.in_row = self.column = 0


def _refuse_document_type(*_: object) -> None:
    """Refuse a document type, which no spreadsheet program writes: its entities may expand a text without end."""
    raise ValueError("A workbook with a document type")


def _column_number(place: str) -> int:
    """Return the number of the column of a place such as AB12, 0 for none."""
    number = 0
    for letter in place[:3].upper():
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
