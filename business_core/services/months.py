"""Summing the months: an idempotent upsert of `business_pipeline` from posts and inquiries; what others wrote stays.

querysets.months counts, business_core.jobs says when this runs.

A month is a calendar month of the pages' clock (settings.TIME_ZONE), which is also the legacy scripts' clock. The
columns and their sources, all of rows dated within the month, an inquiry under the status it has now:

    total_posts, total_impressions      posts by posted_at, their impressions
    total_engagement                    their likes, comments, shares and saves
    total_inquiries, pipeline_value     inquiries by created_at, their estimated_value, whatever the status
    discovery_calls, proposals_sent     those with status discovery_scheduled, proposal_sent
    contracts_won, revenue_generated    those with status closed_won, their estimated_value
    conversion_rate                     contracts_won / total_inquiries, 0 to 1

Whose a month is: one that a legacy row claims is left alone, also where it was deleted here, unless it is asked
for; one that a person added is the person's. In a computed month the job follows the columns that hold what it wrote
itself; one that somebody has edited stays as edited until the edit is undone or the month is deleted, for then it is
computed anew. A computed month that has lost its posts and inquiries goes to zero and stays: a row taken away by a job
could not be told from one that a person deleted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from business_core.models import BusinessPipeline
from business_core.querysets.month_origin import OF_A_MONTH, Origin, determine_origin, legacy_month_keys
from business_core.querysets.months import COMPUTED, JOB, counts_by_month, month_figures
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.admin.concurrent_edits.row_locks import lock_rows, wait_for_imports
from synapse.kit.change_log.column_writers import Writers, column_writers


@dataclass(slots=True)
class AggregationResult:
    """What became of the months, by name; `edited` and `too_large` say which columns were left as they were."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    from_legacy: list[str] = field(default_factory=list)
    edited: dict[str, list[str]] = field(default_factory=dict)
    too_large: dict[str, list[str]] = field(default_factory=dict)


def aggregate_months(*, now: datetime, include_legacy: bool = False) -> AggregationResult:
    """Bring the months up to what their posts and inquiries come to, and say what became of each.

    Rows that don't differ are not written, so that running it again changes nothing. With `include_legacy` the months
    of the legacy files that have posts or inquiries are computed too, less what a person edited.
    """
    summing = AggregationResult()
    with transaction.atomic(using=BUSINESS_CORE):
        # The import's lock before any row's: an import that merges holds the first while it waits for the rows.
        wait_for_imports(BusinessPipeline, BUSINESS_CORE)
        lock_rows(BusinessPipeline, BUSINESS_CORE)
        months = _Months(summing, include_legacy=include_legacy)
        months.update_stored_months(now)
        months.insert_missing_months(now)
    return summing


class _Months:
    """The months under their locks: as they are stored, as they are counted, and who wrote them."""

    def __init__(self, summing: AggregationResult, *, include_legacy: bool) -> None:
        self._summing = summing
        self._include_legacy = include_legacy
        self._stored = list(BusinessPipeline.objects.using(BUSINESS_CORE).order_by("month"))
        self._figures = {name: month_figures(counted) for name, counted in counts_by_month().items()}
        self._claimed = legacy_month_keys()

    def update_stored_months(self, now: datetime) -> None:
        """Update the stored months that differ, as far as they are the job's."""
        differing = {}
        for row in self._stored:
            wanted = self._figures.get(row.month) or month_figures({})
            if differences := {name: wanted[name] for name in COMPUTED if getattr(row, name) != wanted[name]}:
                differing[row.pk] = differences
        self._summing.unchanged = len(self._stored) - len(differing)
        writers = column_writers(BusinessPipeline, differing, job=JOB, columns=OF_A_MONTH)
        changed = [
            row
            for row in self._stored
            if row.pk in differing and self._set_job_figures(row, differing[row.pk], writers)
        ]
        for row in changed:
            row.updated_at = now
        BusinessPipeline.objects.using(BUSINESS_CORE).bulk_update(changed, [*COMPUTED, "updated_at"], batch_size=500)

    def insert_missing_months(self, now: datetime) -> None:
        """Add the months that nobody has stored, but none that was deleted here though the legacy file has it."""
        stored, taken = {row.month for row in self._stored}, {row.pk for row in self._stored}
        rows = []
        for name in sorted(self._figures.keys() - stored):
            key = month_key(name)
            if key in self._claimed:
                self._summing.from_legacy.append(name)
            elif self._check_column_limits(name, self._figures[name]):
                # A person may have given the month that had this key another name.
                columns = {"pipeline_id": uuid4() if key in taken else key, "month": name}
                rows.append(BusinessPipeline(**columns, **self._figures[name], updated_at=now))
        # ON CONFLICT DO NOTHING: no lock keeps a person from adding the same month just now, and that row stays.
        BusinessPipeline.objects.using(BUSINESS_CORE).bulk_create(rows, ignore_conflicts=True, batch_size=500)
        self._summing.added = [row.month for row in rows]

    def _set_job_figures(
        self, row: BusinessPipeline, differences: dict[str, Any], writers: Mapping[UUID, Writers]
    ) -> bool:
        """Set the figures that are the job's to set and note those that are not; say whether any was set."""
        origin = determine_origin(row.pk, writers[row.pk], self._claimed)
        if origin == Origin.LEGACY and not (self._include_legacy and row.month in self._figures):
            self._summing.from_legacy.append(row.month)
            return False
        if origin == Origin.LEGACY:
            may_set = frozenset(COMPUTED) - writers[row.pk].others
        else:
            may_set = writers[row.pk].own if origin == Origin.COMPUTED else frozenset()
        if kept := sorted(differences.keys() - may_set):
            self._summing.edited[row.month] = kept
        changes = {name: value for name, value in differences.items() if name in may_set}
        if not changes or not self._check_column_limits(row.month, changes):
            return False
        for name, value in changes.items():
            setattr(row, name, value)
        self._summing.changed.append(row.month)
        return True

    def _check_column_limits(self, month: str, values: Mapping[str, Any]) -> bool:
        """Say whether all values fit their columns; a month whose values don't is noted as too large."""
        if too_large := sorted(name for name, value in values.items() if not _fits_column(name, value)):
            self._summing.too_large[month] = too_large
        return not too_large


def month_key(name: str) -> UUID:
    """Return the key of a month: the one its legacy row would land under.

    So an import that brings the month later finds this row and takes it over, instead of refusing a second one.
    """
    table = BusinessPipeline._meta.db_table
    return UUID(hashlib.md5(f"{table}:{name}".encode(), usedforsecurity=False).hexdigest())


def _fits_column(name: str, value: Any) -> bool:
    column = BusinessPipeline._meta.get_field(name)
    try:
        column.clean(value, None)  # type: ignore[union-attr]  # a column, no relation
    except ValidationError:
        return False
    return True
