"""How far an import is, told to whoever watches the job.

What lives here: turning the pipeline's stages and rows into the job's progress. What does not: writing it down
(synapse.kit.jobs.work), drawing it.
"""

from collections.abc import Sequence

from legacy_import.mapping import Source
from legacy_import.pipeline.progress import Progress, StageName
from synapse.kit.jobs.work import Work


class WorkProgress(Progress):
    """A listener that tells a job's watchers: the rows of one source, or which one of several it is at."""

    def __init__(self, work: Work, sources: Sequence[Source]) -> None:
        self._work = work
        self._places = {source.name: place for place, source in enumerate(sources)}
        self._at = ""
        self._rows = self._total_rows = 0

    def begin_source(self, source: str, *, total_rows: int) -> None:
        """Tell that reading the source's rows begins."""
        self._rows, self._total_rows = 0, total_rows
        self._tell(source)

    def enter_stage(self, source: str, stage: StageName, table: str = "") -> None:
        """Tell that a stage begins."""
        if stage in {"lock", "snapshot"}:
            self._rows = self._total_rows = 0
        self._at = f"{source}: {stage} {table}".rstrip()
        self._tell(source)

    def advance_rows(self, rows: int) -> None:
        """Tell that so many more rows have been read."""
        self._rows += rows
        self._tell(self._at.partition(":")[0])

    def _tell(self, source: str) -> None:
        if len(self._places) == 1:
            self._work.report_progress(self._rows, self._total_rows, self._at)
            return
        read = f", {self._rows:,} of {self._total_rows:,} rows read" if self._total_rows else ""
        self._work.report_progress(self._places.get(source, 0), len(self._places), self._at + read)
