"""A changed file's checks, made twice: against the file as it is now, and against what was imported from it.

What lives here: making one verdict of the two. What does not: making the checks (data_checks). The first alone proves
little: where the file has changed, every difference could be the file's. What was imported has not changed, so what
differs from that and is not signed is nobody's doing.
"""

from collections.abc import Sequence
from dataclasses import replace

from legacy_import.validation.check import Check
from legacy_import.validation.differences import Difference


def of_both(now: Sequence[Check], imported: Sequence[Check]) -> list[Check]:
    """Return the checks of the file as it is now; each fails where it does against what was imported, and says so."""
    held = {check.name: check for check in imported}
    lone = [check for name, check in held.items() if not check.passed and name not in {one.name for one in now}]
    return [_of_both(check, held.get(check.name)) for check in now] + lone


def _of_both(now: Check, imported: Check | None) -> Check:
    if imported is None or imported.passed:
        return now
    lost = tuple(one for one in imported.differences if one.explanation == "unexplained")
    places = {_place(one) for one in lost}
    rest = (one for one in now.differences if _place(one) not in places)
    return replace(now, passed=False, detail=imported.detail, differences=(*lost, *rest))


def _place(difference: Difference) -> tuple[str, str, str]:
    return difference.table, difference.key, difference.column
