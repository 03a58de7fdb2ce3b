"""The job `validate`: compare the databases with the legacy files, nightly (legacy_import.services.validating)."""

from datetime import timedelta
from typing import Final

from django.conf import settings

from legacy_import.jobs.missing_files import missing_files_reason
from legacy_import.jobs.progress import WorkProgress
from legacy_import.models import LegacyFile
from legacy_import.services import validate_and_record
from legacy_import.sources import SOURCES
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work

_MAX_NAMED_CHECKS: Final = 20


def run_validation_job(work: Work) -> Result:
    """Validate, and return the verdict; a failed validation is no failed job, for a retry would find the same.

    Nor is it a failure where there is nothing to compare: the legacy side was switched off, or nothing was imported
    yet. The pages say how old the last verdict is.
    """
    if silent := missing_files_reason(settings.LEGACY_DIR):
        return {"summary": f"{silent}: nothing to hold the databases against."}
    if not any(LegacyFile.objects.using(alias).exists() for alias in ALIASES):
        return {"summary": "Nothing was imported yet: nothing to validate."}
    validated = validate_and_record(
        settings.LEGACY_DIR, requested_by=work.requested_by, progress=WorkProgress(work, SOURCES)
    )
    report = validated.report
    failed = [check.name for check in report.failed]
    named = f" ({', '.join(failed[:_MAX_NAMED_CHECKS])})" if failed else ""
    figures = f"{report.sum_figure('rows'):,} rows and {report.sum_figure('cells'):,} cells compared"
    return {
        "summary": f"{report.verdict}{named}; {figures}.",
        "passed": report.passed,
        "checks": len(report.checks),
        "failed": failed,
        "validation": str(validated.run.pk) if validated.run else None,
    }


VALIDATE: Final = register_job(
    Job(
        name="validate",
        title="Hold the databases against the legacy files",
        work=run_validation_job,
        cron="0 3 * * *",
        time_limit=timedelta(hours=1),
    )
)
