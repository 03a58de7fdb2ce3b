"""The origin of a stored month (computed by the job, from a legacy file, or added by a person), and what was edited.

Read from the change log and the import's ledger; called by the page of months and by services.months, which writes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import TextChoices

from business_core.models import BusinessPipeline
from business_core.querysets.months import COMPUTED, JOB
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.change_log.column_writers import Writers, column_writers
from synapse.kit.change_log.import_runs import import_runs

OF_A_MONTH: Final = ("month", *COMPUTED)
"""The columns whose writers decide the origin of a month."""


class Origin(TextChoices):
    """Whose a stored month is."""

    COMPUTED = "computed", "computed"
    LEGACY = "legacy", "from a legacy file"
    BY_HAND = "by_hand", "added by hand"


@dataclass(frozen=True, slots=True)
class MonthOrigin:
    """The origin of a month; `edited` are its figures that somebody has changed since, in the order of the table."""

    origin: Origin
    edited: tuple[str, ...] = ()


def legacy_month_keys() -> frozenset[UUID]:
    """Return the keys of the months that a legacy row maps to in the ledger, also of those deleted here."""
    return frozenset(import_runs().imported_row_keys(BUSINESS_CORE, BusinessPipeline._meta.db_table))


def determine_origin(key: UUID, writers: Writers, claimed: Collection[UUID]) -> Origin:
    """Return the origin of a month. One whose name the job didn't write was added, or renamed, by a person."""
    if key in claimed:
        return Origin.LEGACY
    return Origin.COMPUTED if "month" in writers.own else Origin.BY_HAND


def month_origins(months: Collection[BusinessPipeline]) -> dict[UUID, MonthOrigin]:
    """Return the origin and edits of each of the months, by key; in two queries."""
    keys = [month.pk for month in months]
    if not keys:
        return {}
    claimed = legacy_month_keys()
    writers = column_writers(BusinessPipeline, keys, job=JOB, columns=OF_A_MONTH)
    found = {}
    for key in keys:
        origin = determine_origin(key, writers[key], claimed)
        # In a month that a person added every figure is a person's: none of them is an edit.
        edited = () if origin == Origin.BY_HAND else tuple(name for name in COMPUTED if name in writers[key].others)
        found[key] = MonthOrigin(origin, edited)
    return found
