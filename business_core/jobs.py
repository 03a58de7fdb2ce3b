"""The business core's jobs: summing the months, and reminding of overdue inquiries.

Each takes the job's arguments, calls one service and puts the outcome into words; the schedule is beside it.
"""

from datetime import timedelta
from typing import Any, Final

from django.db import transaction

from business_core.querysets.months import JOB
from business_core.services.months import aggregate_months
from business_core.services.reminders import inquiry_count_phrase, update_overdue_notice
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.errors import NeedsPersonError
from synapse.kit.jobs.job import Job, Option
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work

_MAX_NAMED: Final = 12
_DONE_BEFORE: Final = {"summary": "An earlier attempt had done it all."}


def aggregate_pipeline(work: Work) -> dict[str, Any]:
    """Sum the months. Raises NeedsPersonError where a figure is too large for its column; the other months are done.

    No key marks it as done: summing again changes nothing that is right, and a retry is to find what a person mended.
    """
    include_legacy = bool(work.arguments.get("include_legacy_months"))
    with transaction.atomic(using=BUSINESS_CORE):
        summing = aggregate_months(now=work.now, include_legacy=include_legacy)
    if summing.too_large:
        raise NeedsPersonError(
            f"Too large to be stored, and left as they were: {_join_months(summing.too_large)}. Look for a post or an"
            " inquiry of that month with a wrong number. The other months are done."
        )
    words = [f"{len(summing.added)} added", f"{len(summing.changed)} changed", f"{summing.unchanged} unchanged"]
    sentences = [f"Months: {', '.join(words)}."]
    if summing.from_legacy:
        sentences.append(f"Left as the legacy files have them: {_join_names(sorted(summing.from_legacy))}.")
    if summing.edited:
        sentences.append(f"Left as edited: {_join_months(summing.edited)}.")
    return {
        "summary": " ".join(sentences),
        "added": summing.added[:_MAX_NAMED],
        "changed": summing.changed[:_MAX_NAMED],
        "edited": dict(list(summing.edited.items())[:_MAX_NAMED]),
    }


def remind_overdue(work: Work) -> dict[str, Any]:
    """Notify staff of overdue inquiries."""
    with work.idempotent_step(BUSINESS_CORE) as is_first:
        if not is_first:
            return _DONE_BEFORE
        number = update_overdue_notice(now=work.now)
    return {
        "summary": f"{inquiry_count_phrase(number)} overdue." if number else "No inquiry is overdue.",
        "overdue": number,
    }


def _join_months(months: dict[str, list[str]]) -> str:
    return _join_names([f"{month[:_MAX_NAMED]} ({', '.join(columns)})" for month, columns in months.items()]).replace(
        "_", " "
    )


def _join_names(names: list[str]) -> str:
    """Return the first names joined by commas, and how many more there are."""
    more = [f"and {len(names) - _MAX_NAMED:,} more"] if len(names) > _MAX_NAMED else []
    return ", ".join([*names[:_MAX_NAMED], *more])


register_job(
    Job(
        name=JOB,
        title="Sum the months of the pipeline",
        work=aggregate_pipeline,
        cron="20 * * * *",
        time_limit=timedelta(minutes=10),
        options=(
            Option(
                "include_legacy_months",
                "also compute the months that came from the legacy files, less what was edited here",
            ),
        ),
    )
)
register_job(
    Job(
        name="remind-overdue",
        title="Remind staff of overdue inquiries",
        work=remind_overdue,
        cron="0 8 * * 1-5",
        time_limit=timedelta(minutes=5),
    )
)
