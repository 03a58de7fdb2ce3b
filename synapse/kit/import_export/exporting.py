"""Exporting a queryset as a file: rows are read in chunks, so that memory does not grow with their number.

The formats are csv_writing.py's and xlsx_writing.py's, who may export synapse.kit.admin.export_pages'.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from tempfile import TemporaryFile
from typing import IO, Any, Final

from django.db.models import Model, QuerySet

from synapse.foundation.logs.logged_calls import log_row_count
from synapse.kit.import_export.cells import Cell
from synapse.kit.import_export.columns import Column
from synapse.kit.import_export.csv_writing import generate_csv

FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CHUNK_SIZE: Final = 2_000
_NO_FILE_NAME: Final = re.compile(r"[^a-z0-9]+")


def export_csv(rows: QuerySet[Any], columns: Sequence[Column]) -> Iterator[str]:
    """Yield the rows as CSV, read from the database while they are sent."""
    return generate_csv([column.name for column in columns], _logged_cells(rows, columns, "csv"))


def export_xlsx(rows: QuerySet[Any], columns: Sequence[Column]) -> IO[bytes]:
    """Return the rows as an XLSX file that goes away when it is closed. Raises ExportError."""
    # With openpyxl and numpy, 0.3 s, which every command would pay at its start.
    from synapse.kit.import_export.xlsx_writing import write_xlsx  # noqa: PLC0415

    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    try:
        write_xlsx(file, [column.name for column in columns], _logged_cells(rows, columns, "xlsx"))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def export_file_name(model: type[Model], kind: str, today: date) -> str:
    """Return a name that says what is in the file and of which day."""
    words = _NO_FILE_NAME.sub("-", str(model._meta.verbose_name_plural).lower()).strip("-")
    return f"{words}-{today.isoformat()}.{kind}"


def _logged_cells(rows: QuerySet[Any], columns: Sequence[Column], kind: str) -> Iterator[list[Cell]]:
    return log_row_count("rows.exported", _read_cells(rows, columns), table=rows.model._meta.db_table, format=kind)


def _read_cells(rows: QuerySet[Any], columns: Sequence[Column]) -> Iterator[list[Cell]]:
    render = [column.widget.render for column in columns]
    values = rows.values_list(*(column.query_expression for column in columns))
    for row in values.iterator(chunk_size=_CHUNK_SIZE):
        yield [cell(value) for cell, value in zip(render, row, strict=True)]
