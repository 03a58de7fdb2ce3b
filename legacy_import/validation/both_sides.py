"""One verdict of two runs of a changed file's checks: on the file as it is now, and on the snapshot last imported.

The first run alone proves little: where the file has changed, every difference could be the file's. The imported
snapshot has not changed, so a difference from it that nobody signed is a loss.
"""

from collections.abc import Sequence
from dataclasses import replace

from legacy_import.validation.check import Check
from legacy_import.validation.differences import Difference


def merge_check_results(now: Sequence[Check], imported: Sequence[Check]) -> list[Check]:
    """Return the checks of the file as it is now; each fails where it does against what was imported, and says so."""
    held = {check.name: check for check in imported}
    lone = [check for name, check in held.items() if not check.passed and name not in {one.name for one in now}]
    combined = []
    for check in now:
        before = held.get(check.name)
        if before is None or before.passed:
            combined.append(check)
            continue
        # What was lost since the import is listed first; the same cell is not listed again for the changed file.
        lost = tuple(one for one in before.differences if one.explanation == "unexplained")
        places = {_cell_identity(one) for one in lost}
        rest = (one for one in check.differences if _cell_identity(one) not in places)
        combined.append(replace(check, passed=False, detail=before.detail, differences=(*lost, *rest)))
    return combined + lone


def _cell_identity(difference: Difference) -> tuple[str, str, str]:
    return difference.table, difference.key, difference.column
