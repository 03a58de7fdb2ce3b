"""Importing what differs ends where importing everything ends, whatever happens in the files and here."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pytest_django import Settings

from legacy_import.pipeline.diff.table_staging import TableStaging
from legacy_import.pipeline.stage.stage import Stage
from legacy_import.services import importing
from tests.integration.legacy_import.pipeline.diff.histories import History, Kept

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

_FIRST, _COUNT = int(os.environ.get("FIRST_SEED", "100")), int(os.environ.get("SEEDS", "30"))
_MANY = range(_FIRST, _FIRST + _COUNT)

Empty = Callable[[str], None]


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_history_ends_the_same_by_diff_and_by_whole(
    seed: int, tmp_path: Path, settings: Settings, emptied: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_both(seed, tmp_path, settings, emptied, monkeypatch)


@pytest.mark.faults
@pytest.mark.parametrize("seed", _MANY)
def test_many_histories_end_the_same_by_diff_and_by_whole(
    seed: int, tmp_path: Path, settings: Settings, emptied: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_both(seed, tmp_path, settings, emptied, monkeypatch)


def play_both(seed: int, tmp_path: Path, settings: Settings, emptied: Empty, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BACKUP_DIR = tmp_path / "backups-whole"
    whole = History(seed, tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr(importing, "choose_diff_base", lambda *_arguments: (None, ""))
        whole.play(steps=6)
    emptied("default")
    settings.BACKUP_DIR = tmp_path / "backups-diff"
    diffed = History(seed, tmp_path / "diff")
    complete, by_diff = TableStaging.complete_table, []

    def complete_and_note(staging: TableStaging, stage: Stage, *, staged: Sequence[Stage]) -> Stage:
        done = complete(staging, stage, staged=staged)
        by_diff.append(bool(done.vanished))
        return done

    monkeypatch.setattr(TableStaging, "complete_table", complete_and_note)

    diffed.play(steps=6)

    assert any(by_diff)

    for step, (expected, found) in enumerate(zip(whole.kept, diffed.kept, strict=True)):
        if differences := _differences(expected, found):
            pytest.fail("\n".join([f"import {step} of seed {seed}", *differences, *diffed.told]))
    assert diffed.told == whole.told


def _differences(expected: Kept, found: Kept) -> list[str]:
    """Return what one of the two keeps and the other does not, short enough to be read."""
    told = [
        f"{table}: {expected.counts[table]} {found.counts[table]}"
        for table in expected.counts
        if expected.counts[table] != found.counts[table]
    ]
    for table, texts in expected.state.items():
        told += [f"whole {table}: {text}" for text in sorted(set(texts) - set(found.state[table]))]
        told += [f"diff {table}: {text}" for text in sorted(set(found.state[table]) - set(texts))]
    return told
