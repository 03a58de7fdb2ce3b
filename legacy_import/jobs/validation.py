"""The job that holds the databases against the legacy files, nightly.

What lives here: the job, and what it says in the end. What does not: the checks, their record and who is told of a
failed one (legacy_import.services.validating).
"""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings

from legacy_import.jobs.missing_files import reason_for_silence
from legacy_import.jobs.progress import WorkProgress
from legacy_import.models import LegacyFile
from legacy_import.services import validate_and_record
from legacy_import.sources import SOURCES
from legacy_import.validation.report import Report
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work

_NAMED: Final = 20


def _validate(work: Work) -> Result:
    """Validate, and answer with the verdict: that it failed is the answer, and trying again would find the same.

    Where there is nothing to hold against each other, that is no failure: the legacy side was switched off, or nothing
    has come from it yet. The pages say how old the last verdict is.
    """
    if silent := reason_for_silence(settings.LEGACY_DIR):
        return {"summary": f"{silent}: nothing to hold the databases against."}
    if not any(LegacyFile.objects.using(alias).exists() for alias in ALIASES):
        return {"summary": "Nothing was imported yet: nothing to validate."}
    validated = validate_and_record(
        settings.LEGACY_DIR, requested_by=work.requested_by, progress=WorkProgress(work, SOURCES)
    )
    return _answer(validated.report) | {"validation": str(validated.run.pk) if validated.run else None}


def _answer(report: Report) -> dict[str, Any]:
    failed = [check.name for check in report.failed]
    named = f" ({', '.join(failed[:_NAMED])})" if failed else ""
    figures = f"{report.sum_of('rows'):,} rows and {report.sum_of('cells'):,} cells compared"
    return {
        "summary": f"{report.verdict}{named}; {figures}.",
        "passed": report.passed,
        "checks": len(report.checks),
        "failed": failed,
    }


VALIDATE: Final = register_job(
    Job(
        name="validate",
        title="Hold the databases against the legacy files",
        work=_validate,
        cron="0 3 * * *",
        time_limit=timedelta(hours=1),
    )
)
