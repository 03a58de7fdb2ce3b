"""The job that removes what is older than its keep: one step after the other, each registered by the app that owns it.

The steps for rows of the kit (job runs, notices, uploads) stand here; the apps' are in synapse.kit.panels.pruning's
registry.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from synapse.foundation.containment import contain_errors
from synapse.foundation.text.error_line import error_line
from synapse.kit.import_export.uploads import delete_expired_uploads
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.pruning import delete_in_batches, prune_clusters, prune_effects, prune_runs, prune_tasks
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work
from synapse.kit.notices.models import Notice
from synapse.kit.panels.pruning import PRUNE_STEPS, PruneStep, PruneStepFailedError, PruneSteps, Removed

_ROWS_KEPT: Final = timedelta(days=90)
_BYTES_IN_A_MB: Final = 1_000_000


class PruningFailedError(Exception):
    """What could not be removed, each in its sentence; the other steps were taken."""


def run_prune_steps(work: Work) -> Result:
    """Take each step, then fail where one of them did; each is idempotent, so the next attempt takes all again."""
    steps = [step for owner in PRUNE_STEPS.in_order() for step in owner.steps()]
    removed: list[Removed] = []
    failures = []
    for place, step in enumerate(steps):
        work.report_progress(place, len(steps), step.words)
        with contain_errors(step.words, foresee=_foreseen_error_sentence) as trouble:
            removed.append(step.run(work.now))
        if trouble:
            failures.append(trouble.sentence)
    if failures:
        raise PruningFailedError(f"{_summary_sentence(removed)} Not removed: {' '.join(failures)}")
    return {
        "summary": _summary_sentence(removed),
        "freed_bytes": sum(one.freed_bytes for one in removed),
        "removed": dict(_counts_by_kind(removed)),
    }


def _foreseen_error_sentence(unit: str, error: Exception) -> str:
    """Return the sentence of an error that a step may raise, empty for any other."""
    is_foreseen = isinstance(error, PruneStepFailedError | DatabaseError | InterfaceError | OSError)
    return f"{unit}: {error_line(error)}" if is_foreseen else ""


def _kit_row_steps() -> Iterator[PruneStep]:
    # Runs before the keys of their effects: a key makes an effect idempotent as long as its run may come again.
    for kind, prune in (
        ("job runs", prune_runs),
        ("keys of effects", prune_effects),
        ("task rows", prune_tasks),
        ("rows of former workers", prune_clusters),
        ("resolved notices", lambda before: delete_in_batches(Notice.objects.filter(resolved_at__lt=before))),
    ):
        yield PruneStep(kind, _row_remover(kind, prune))


def _row_remover(kind: str, prune: Callable[[datetime], int]) -> Callable[[datetime], Removed]:
    return lambda now: Removed(kind, prune(now - _ROWS_KEPT))


def _remove_expired_uploads(_now: datetime) -> Removed:
    folder = Path(settings.UPLOAD_DIR)
    # Not the job's `now`: the age of a file is by the clock of its own machine.
    freed_bytes = delete_expired_uploads(folder, now_seconds=time.time()) if folder.is_dir() else 0
    return Removed("uploads", freed_bytes=freed_bytes)


def _counts_by_kind(removed: Sequence[Removed]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in removed:
        counts[one.kind] += one.count
    # Unary plus drops the kinds of which nothing was removed.
    return +counts


def _summary_sentence(removed: Sequence[Removed]) -> str:
    counted = [f"{count:,} {kind}" for kind, count in _counts_by_kind(removed).items()]
    freed_bytes = sum(one.freed_bytes for one in removed)
    freed = f" {freed_bytes / _BYTES_IN_A_MB:,.1f} MB of files freed." if freed_bytes else ""
    skipped = " ".join(one.skipped for one in removed if one.skipped)
    counted_words = f"Removed {', '.join(counted)}." if counted else "Nothing was old enough to be removed."
    return f"{counted_words}{freed} {skipped}".rstrip()


PRUNE_STEPS.register(PruneSteps("rows of jobs and notices", 20, _kit_row_steps))
PRUNE_STEPS.register(PruneSteps("uploads", 40, lambda: [PruneStep("uploads", _remove_expired_uploads)]))

PRUNE: Final = register_job(
    Job(
        name="prune",
        title="Remove old backups and rows",
        work=run_prune_steps,
        cron="0 4 * * *",
        time_limit=timedelta(hours=2),
    )
)
