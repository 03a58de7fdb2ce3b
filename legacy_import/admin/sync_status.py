"""How far PostgreSQL is in step with a legacy file, in words: as of when, how often somebody looks, or what is wrong.

Called by source_overview, sync_panel and consolidation, in as many queries for one source as for all. The facts are
written by legacy_import.services.source_sync_records.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format

from legacy_import.cell_display import visible
from legacy_import.jobs import SYNC_LEGACY
from legacy_import.models import SourceSync, SourceWithdrawal
from legacy_import.source_decisions import describe_withdrawal, withdrawn_sources
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.models import JobPause
from synapse.kit.jobs.schedules import find_job_schedule

_EVERY_MINUTES: Final = re.compile(r"\*/(\d+) \* \* \* \*")
_MAX_LATE_CHECKS: Final = 3
"""How many looks in a row may be late: a long import keeps the next ones waiting."""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """How far a source is in step: `sentence` for anybody, `trouble` (empty for none) for those who can mend it.

    `in_step_at` is as of when it is in step, None where that is not known or too long ago.
    """

    source: str
    sentence: str
    in_step_at: datetime | None = None
    rhythm: str = ""
    trouble: str = ""

    @property
    def is_in_step(self) -> bool:
        """Whether nothing is wrong."""
        return self.in_step_at is not None


@dataclass(frozen=True, slots=True)
class _CheckRhythm:
    """How often somebody looks; `every` is None where the words are all that is known."""

    words: str
    every: timedelta | None = None


def read_sync_statuses(sources: Iterable[str]) -> dict[str, SyncStatus]:
    """Return how far each of the sources is in step."""
    names, now, rhythm = list(sources), timezone.now(), _read_check_interval()
    known, withdrawn = SourceSync.objects.using(BUSINESS_CORE).in_bulk(names), withdrawn_sources()
    return {
        name: _withdrawn_status(withdrawn[name], known.get(name))
        if name in withdrawn
        else _source_status(name, known.get(name), rhythm, now)
        for name in names
    }


def _withdrawn_status(withdrawal: SourceWithdrawal, sync: SourceSync | None) -> SyncStatus:
    as_of = f", as of {_format_moment(sync.in_step_at)}" if sync and sync.in_step_at else ""
    return SyncStatus(
        withdrawal.source, f"{withdrawal.source} was {describe_withdrawal(withdrawal)}: its rows stay{as_of}."
    )


def _source_status(source: str, sync: SourceSync | None, rhythm: _CheckRhythm, now: datetime) -> SyncStatus:
    if sync is None:
        return SyncStatus(source, f"Nobody has compared this with {source} yet; {rhythm.words}.")
    since = f" since {_format_moment(sync.in_step_at)}" if sync.in_step_at else ""
    if sync.error or sync.in_step_at is None:
        return SyncStatus(
            source,
            f"Not known to be in step with {source}{since}: the look at {_format_moment(sync.checked_at)} went wrong.",
            trouble=visible(sync.error),
        )
    in_step = f"In step with {source} as of {_format_moment(sync.in_step_at)}"
    if rhythm.every and now - sync.checked_at > _MAX_LATE_CHECKS * rhythm.every:
        return SyncStatus(
            source,
            f"{in_step}; not checked since, though it should be {rhythm.words.removeprefix('checked ')}.",
            trouble="See that the worker runs, and that the legacy files are where they were.",
        )
    return SyncStatus(source, f"{in_step}; {rhythm.words}.", in_step_at=sync.in_step_at, rhythm=rhythm.words)


def summarize_syncs(syncs: Sequence[SyncStatus]) -> str:
    """Return how far several sources are in step, in one text.

    Those in step share a sentence as of the oldest look, the others have one each.
    """
    in_step = {sync.source: sync.in_step_at for sync in syncs if sync.in_step_at}
    sentences = [sync.sentence for sync in syncs if not sync.is_in_step]
    if in_step:
        rhythm = next(sync.rhythm for sync in syncs if sync.is_in_step)
        sentences.insert(
            0, f"In step with {', '.join(in_step)} as of {_format_moment(min(in_step.values()))}; {rhythm}."
        )
    return " ".join(sentences)


def _read_check_interval() -> _CheckRhythm:
    schedule = find_job_schedule(SYNC_LEGACY)
    if JobPause.objects.using(BUSINESS_CORE).filter(job=SYNC_LEGACY.name).exists():
        return _CheckRhythm(f"the job {SYNC_LEGACY.name} is paused")
    if schedule is None or not schedule.repeats or not schedule.next_run:
        return _CheckRhythm("checked only when somebody asks for it")
    # Only "every n minutes" has a length that lateness can be measured by.
    minutes = _EVERY_MINUTES.fullmatch((schedule.cron or "").strip())
    if minutes:
        return _CheckRhythm(f"checked every {minutes[1]} minutes", timedelta(minutes=int(minutes[1])))
    return _CheckRhythm(f"to be checked again at {_format_moment(schedule.next_run)}")


def _format_moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local:%H:%M} ({date_format(local, 'j M Y')})"
