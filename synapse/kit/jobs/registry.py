"""The registry of jobs by name: each app's module `jobs` registers its own when the program starts (apps.py)."""

from collections.abc import Mapping
from typing import Any

from synapse.kit.jobs.errors import UnknownJobError
from synapse.kit.jobs.job import Job

_jobs: dict[str, Job] = {}


def register_job(job: Job) -> Job:
    """Make the job known by its name and return it. Raises ValueError where another has the name."""
    if _jobs.setdefault(job.name, job) is not job:
        raise ValueError(f"There is a job named {job.name!r} already.")
    return job


def get_job(name: str) -> Job:
    """Return the job. Raises UnknownJobError with the names there are."""
    try:
        return _jobs[name]
    except KeyError:
        raise UnknownJobError(f"There is no job {name!r:.80}; there are {', '.join(sorted(_jobs))}.") from None


def all_jobs() -> list[Job]:
    """Return every job, by name."""
    return [_jobs[name] for name in sorted(_jobs)]


def validate_arguments(job: Job, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as a run keeps them. Raises UnknownJobError for what the job does not know, or lacks."""
    known = {option.name: option for option in job.options}
    for name, value in arguments.items():
        if name not in known:
            raise UnknownJobError(f"The job {job.name} has no option {name!r:.80}.")
        choices = known[name].choices
        if choices and value not in (None, False, "", *choices):
            raise UnknownJobError(f"{job.name}: {name} is one of {', '.join(choices)}, not {value!r:.80}.")
    # What is not chosen is left out: an untouched flag and no flag are the same work, and so the same lock.
    chosen = {name: value for name, value in arguments.items() if value not in (None, False, "")}
    for option in job.options:
        if option.required and option.name not in chosen:
            one_of = f" of {', '.join(option.choices)}" if option.choices else ""
            raise UnknownJobError(f"{job.name} needs its {option.name}: choose one{one_of}.")
    return chosen
