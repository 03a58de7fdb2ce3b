"""Report the pipeline's stages and rows as the progress of a job.

Called by the pipeline through its Progress interface; synapse.kit.jobs.work stores the progress for the pages.
"""

from collections.abc import Sequence

from legacy_import.mapping import Source
from legacy_import.pipeline.progress import Progress, StageName
from synapse.kit.jobs.work import Work


class WorkProgress(Progress):
    """The progress of a job: the rows read of one source, or the place of the present source among several."""

    def __init__(self, work: Work, sources: Sequence[Source]) -> None:
        self._work = work
        self._places = {source.name: place for place, source in enumerate(sources)}
        self._at = ""
        self._rows = self._total_rows = 0

    def begin_source(self, source: str, *, total_rows: int) -> None:
        """Report that reading the source's rows begins."""
        self._rows, self._total_rows = 0, total_rows
        self._report_progress(source)

    def enter_stage(self, source: str, stage: StageName, table: str = "") -> None:
        """Report that a stage begins."""
        # These come before a source's rows are counted: figures of the source before must not stay.
        if stage in {"lock", "snapshot"}:
            self._rows = self._total_rows = 0
        self._at = f"{source}: {stage} {table}".rstrip()
        self._report_progress(source)

    def advance_rows(self, rows: int) -> None:
        """Report that so many more rows have been read."""
        self._rows += rows
        self._report_progress(self._at.partition(":")[0])

    def _report_progress(self, source: str) -> None:
        if len(self._places) == 1:
            self._work.report_progress(self._rows, self._total_rows, self._at)
            return
        read = f", {self._rows:,} of {self._total_rows:,} rows read" if self._total_rows else ""
        self._work.report_progress(self._places.get(source, 0), len(self._places), self._at + read)
