"""What can go wrong with a job; the class says whether a retry helps (transient) or a person is needed (terminal)."""

from uuid import UUID

from synapse.foundation.containment import EndsAllUnitsError


class JobError(Exception):
    """One sentence for the operator."""


class UnknownJobError(JobError):
    """No job of that name is registered, or it knows no such option."""


class NeedsPersonError(JobError):
    """A retry would not help: the job is given up at once, and its sentence says what a person has to do."""


class JobBusyError(JobError):
    """The job is at work already, with the same arguments."""


class JobFailedError(JobError):
    """An attempt that failed: django-q records the sentence; the run of `run_id`, and the log, hold the rest."""

    def __init__(self, sentence: str, *, run_id: UUID) -> None:
        super().__init__(sentence)
        self.run_id = run_id


class LocksLostError(JobError, EndsAllUnitsError):
    """The connection that held the run's advisory locks is gone: another process may perform it, so this one ends."""


class UnrecordedError(JobError):
    """PostgreSQL answers, and refuses what is to be written about an attempt's end."""
