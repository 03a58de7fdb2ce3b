"""docs/scheduled-jobs.md says when each job runs, and the jobs are declared so."""

import re

import pytest

from synapse.kit.jobs.registry import all_jobs
from tests.architecture.project_files import PROJECT

SAID = {
    "sync-legacy": ("every 15 minutes", "*/15 * * * *"),
    "refresh-views": ("every 4 hours from 6 to 22", "0 6-22/4 * * *"),
    "aggregate-pipeline": ("every hour at :20", "20 * * * *"),
    "judge-predictions": ("every hour at :40", "40 * * * *"),
    "validate": ("3:00", "0 3 * * *"),
    "backup": ("2:30", "30 2 * * *"),
    "prune": ("4:00", "0 4 * * *"),
    "remind-overdue": ("8:00, Monday to Friday", "0 8 * * 1-5"),
    "archive-undeclared": ("on demand", ""),
    "import-source": ("on demand", ""),
    "load-legacy": ("when Synapse starts", ""),
}


def test_every_job_is_in_the_table() -> None:
    assert {job.name for job in all_jobs()} == set(SAID)


@pytest.mark.parametrize("name", SAID)
def test_job_runs_when_the_table_says(name: str) -> None:
    words, cron = SAID[name]
    table = (PROJECT / "docs" / "scheduled-jobs.md").read_text()

    assert re.search(rf"^\| .*`{name}`.* \| {words} \|", table, re.MULTILINE)
    assert {job.name: job.cron for job in all_jobs()}[name] == cron
