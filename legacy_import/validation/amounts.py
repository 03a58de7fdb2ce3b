"""Amounts of money in legacy cells, read by Python alone: independent of the codecs that the import uses.

Called by `pipeline_value`, `pipeline_summary`, and by legacy_import.services.unread_inquiries.
"""

import math
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from legacy_import.cells import BadText, SqliteValue

_CENT: Final = Decimal("0.01")
_NOTHING: Final = Decimal(0)


def parse_amount(cell: SqliteValue | BadText) -> Decimal | None:
    """Read an amount independently of the codecs, None where it is no number."""
    if isinstance(cell, str):
        try:
            read = Decimal(cell.strip())
        except InvalidOperation:
            return None
    elif isinstance(cell, int | float) and math.isfinite(cell):
        # repr gives the shortest decimal that reads back as the float: 0.1, not its binary expansion.
        read = Decimal(repr(cell))
    else:
        return None
    # quantize raises where the result has more digits than the decimal context; no column here holds such an amount.
    return read.quantize(_CENT, rounding=ROUND_HALF_UP) if read.is_finite() and abs(read) < 10**15 else None


def parse_stated_amount(cell: SqliteValue | BadText) -> Decimal | None:
    """Read an amount as `parse_amount` does, 0 where none is stated (NULL or blanks); None where it is no number."""
    is_stated = cell is not None and not (isinstance(cell, str) and not cell.strip())
    return parse_amount(cell) if is_stated else _NOTHING
