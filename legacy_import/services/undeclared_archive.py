"""Archive the undeclared SQLite files of a legacy folder whole, each as a source without mappings.

Called by `import_legacy --undeclared` and the job of the sources' page's button. A file that was archived before is
brought up to date: what an import does, and what an undo takes back, is that of any other source.
"""

from pathlib import Path

from legacy_import.cell_display import visible
from legacy_import.failures import contain_failure
from legacy_import.pipeline.progress import Progress
from legacy_import.pipeline.report import SourceReport
from legacy_import.services.import_preparation import ImportPreparation
from legacy_import.services.importing import ImportRequest, import_source
from legacy_import.undeclared.folder_scan import FoundFile, read_file_signature
from legacy_import.undeclared.listing import record_archived_state, scan_legacy_folder
from legacy_import.undeclared.sources import undeclared_source


def archive_undeclared_files(request: ImportRequest, *, progress: Progress | None = None) -> list[SourceReport]:
    """Archive every undeclared file in its own transaction; one that fails leaves the others be."""
    found = scan_legacy_folder(request.legacy_dir).files
    preparation = ImportPreparation([undeclared_source(one.path) for one in found])
    return [_archive_file(one, request, progress=progress, preparation=preparation) for one in found]


def _archive_file(
    found: FoundFile, request: ImportRequest, *, progress: Progress | None, preparation: ImportPreparation
) -> SourceReport:
    source = undeclared_source(found.path)
    if visible(found.path) != found.path:
        error = f"{visible(found.path)}: its name has characters that cannot be shown: rename it, then archive it"
        return SourceReport(visible(found.path), "failed", error=error, needs_person=True)
    # Before the import: what changes meanwhile is archived the next time.
    signature = read_file_signature(Path(request.legacy_dir) / found.path)
    report = import_source(source, request, progress=progress, preparation=preparation)
    if report.error is None and not request.dry_run:
        with contain_failure(source.name):
            record_archived_state(found.path, signature)
    return report
