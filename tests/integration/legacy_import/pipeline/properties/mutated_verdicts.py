"""What must hold of a mutated file: it lands and comes back, or fails in one sentence; its sibling lands."""

import re
from collections.abc import Sequence
from pathlib import Path

from legacy_import.mapping import Source
from legacy_import.services import ImportRequest, SyncState, export_sources, import_sources, sync_source
from legacy_import.validation.check import Check
from legacy_import.validation.migration_validator import MigrationValidator
from tests.integration.legacy_import.pipeline.properties.file_dump import dump
from tests.integration.legacy_import.pipeline.properties.mutated_files import MutatedFile, write_mutated_file

_SENTENCE = re.compile(r"[^\x00-\x1f\x7f]{10,600}")


def judge_mutated_file(seed: str, originals: Path, folder: Path) -> tuple[MutatedFile, bool]:
    """Import, validate and rebuild what the seed stands for; return it, and whether the mutated file landed."""
    case = write_mutated_file(seed, originals, folder / "legacy")
    request = ImportRequest(folder / "legacy", requested_by="a test")

    report, of_sibling = import_sources((case.source, case.sibling), request)

    assert of_sibling.error is None, of_sibling.error
    checks = MigrationValidator(folder / "legacy", sources=(case.source, case.sibling)).validate_data()
    assert _failed(checks, case.sibling) == {}
    failed = _failed(checks, case.source)
    for sentence in failed.values():
        _assert_foreseen(sentence)
    if report.error is None:
        assert failed == {}
        (rebuilt,) = export_sources([case.source], folder / "out")
        assert dump(rebuilt.path)["rows"] == dump(folder / "legacy" / case.source.path)["rows"]
        return case, True
    _assert_foreseen(report.error)
    assert failed
    synced = sync_source(case.source, request)
    assert synced.state == SyncState.FAILED
    _assert_foreseen(synced.sentence)
    return case, False


def _failed(checks: Sequence[Check], source: Source) -> dict[str, str]:
    """Return what fails of a source; whether people can open its inquiries is another question."""
    return {
        check.name: check.detail
        for check in checks
        if check.scope == source.name and not check.passed and check.topic != "consultation pipeline"
    }


def _assert_foreseen(sentence: str) -> None:
    assert _SENTENCE.fullmatch(sentence), ascii(sentence)
    assert "unforeseen error" not in sentence
    assert "Traceback" not in sentence
