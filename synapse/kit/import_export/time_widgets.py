"""Dates and times as cells, with offset and microseconds, and exactly back."""

from datetime import date, datetime, time
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from synapse.kit.import_export.cells import Cell, serialize_cell
from synapse.kit.import_export.errors import CellError
from synapse.kit.import_export.widgets import ExactWidget

_OFFSET: Final = "Write the offset as well, such as 2025-10-26T03:30:00+02:00."


class MomentWidget(ExactWidget):
    """A date and time; in a file with its offset, for an hour of local time comes twice in autumn."""

    expected = "a date and time"
    fix = "Write it like 2025-08-19T20:00:47+03:00; without the offset it is local time."

    def encode_value(self, value: Any) -> Cell:
        """Return the moment in local time with its offset, down to the microsecond."""
        try:
            return timezone.localtime(value).isoformat()
        except OverflowError:
            # The first and last hours of the calendar have no local time.
            return str(value.isoformat())

    def decode_cell(self, cell: Cell) -> datetime:
        """Return the moment of a cell; one without an offset is local time."""
        if isinstance(cell, datetime):
            moment: datetime | None = cell
        elif isinstance(cell, date):
            moment = datetime.combine(cell, time())
        else:
            try:
                moment = parse_datetime(serialize_cell(cell).strip())
            except ValueError as error:
                raise self.cell_error() from error
        if moment is None:
            raise self.cell_error()
        if not 1 < moment.year < 9999:  # noqa: PLR2004  # the calendar's ends have no time in other zones
            raise self.cell_error()
        if timezone.is_aware(moment):
            return moment
        zone = timezone.get_current_timezone()
        # PEP 495: in the doubled hour of autumn, and in the missing one of spring, the two folds differ.
        early, late = moment.replace(tzinfo=zone, fold=0), moment.replace(tzinfo=zone, fold=1)
        if early.utcoffset() != late.utcoffset():
            raise CellError("a date and time that comes once in local time", _OFFSET)
        return early


class DateWidget(ExactWidget):
    """A day."""

    expected = "a date"
    fix = "Write it like 2025-08-31."

    def encode_value(self, value: Any) -> Cell:
        """Return the day."""
        return str(value.isoformat())

    def decode_cell(self, cell: Cell) -> date:
        """Return the day of a cell; a spreadsheet's date comes with a time of midnight."""
        if isinstance(cell, datetime):
            if cell.time() != time():
                raise self.cell_error()
            return cell.date()
        if isinstance(cell, date):
            return cell
        try:
            return date.fromisoformat(serialize_cell(cell).strip())
        except ValueError as error:
            raise self.cell_error() from error
