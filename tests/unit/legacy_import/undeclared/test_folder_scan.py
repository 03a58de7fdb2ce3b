"""Which files of a folder are SQLite files that no source declares: by their first bytes, wherever they lie."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from legacy_import.undeclared import folder_scan
from legacy_import.undeclared.folder_scan import read_file_signature, scan_folder

DECLARED = ("declared.db", "sub/declared.db")


def make(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE t (x)")
    return path


def found(folder: Path, **names: object) -> list[str]:
    return [file.path for file in scan_folder(folder, declared=DECLARED, **names).files]  # type: ignore[arg-type]


def test_sqlite_files_are_found_by_their_first_bytes_not_their_names(tmp_path: Path) -> None:
    for name in ("extra.db", "backup.db.bak", "no_suffix", "sub/deep/er/x.sqlite", ".hidden", "über 'x'.db"):
        make(tmp_path / name)
    (tmp_path / "notes.db").write_text("no SQLite file, whatever its name says")
    (tmp_path / "empty.db").write_bytes(b"")
    for name in DECLARED:
        make(tmp_path / name)

    expected = [".hidden", "backup.db.bak", "extra.db", "no_suffix", "sub/deep/er/x.sqlite", "über 'x'.db"]
    assert found(tmp_path) == sorted(expected)


def test_an_empty_or_missing_folder_has_none(tmp_path: Path) -> None:
    assert found(tmp_path) == found(tmp_path / "nowhere") == []


def test_journals_snapshots_and_restores_are_left_out(tmp_path: Path) -> None:
    for name in ("declared.db", "declared.db-wal", "declared.db-journal", "declared.db-shm", "backups/primary/1.db"):
        make(tmp_path / name)
    make(tmp_path / ".declared.db.restoring" / "restored")
    make(tmp_path / "alone-wal")

    assert found(tmp_path, excluded=[tmp_path / "backups"]) == ["alone-wal"]


def test_links_to_a_declared_file_are_no_other_file(tmp_path: Path) -> None:
    make(tmp_path / "declared.db")
    (tmp_path / "link.db").symlink_to("declared.db")
    os.link(tmp_path / "declared.db", tmp_path / "hard.db")

    assert found(tmp_path) == []


def test_a_link_to_a_file_elsewhere_is_found_once_and_a_folders_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "legacy"
    folder.mkdir()
    make(tmp_path / "elsewhere" / "x.db")
    (folder / "a.db").symlink_to(tmp_path / "elsewhere" / "x.db")
    (folder / "b.db").symlink_to(tmp_path / "elsewhere" / "x.db")
    (folder / "folder").symlink_to(tmp_path / "elsewhere")
    (folder / "loop").symlink_to(folder)
    (folder / "dangling").symlink_to("nowhere")

    assert found(folder) == ["a.db"]


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")

    assert found(tmp_path) == []


def test_another_letter_case_is_another_file(tmp_path: Path) -> None:
    make(tmp_path / "Declared.DB")

    assert found(tmp_path) == ["Declared.DB"]


def test_what_cannot_be_read_is_named_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "secret.db")
    opened = Path.open

    def refuse(path: Path, *args: object, **names: object) -> object:
        if path.name == "secret.db":
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **names)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)

    (file,) = scan_folder(tmp_path, declared=DECLARED).files
    assert (file.path, file.error) == ("secret.db", "it cannot be read: permission denied")


@pytest.mark.parametrize(("most", "is_cut"), [(3, False), (2, True)])
def test_a_huge_folder_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, *, is_cut: bool
) -> None:
    monkeypatch.setattr(folder_scan, "MAX_ENTRIES", most)
    for name in ("a", "b", "c"):
        make(tmp_path / name)

    scan = scan_folder(tmp_path, declared=DECLARED)

    assert bool(scan.remark) == is_cut
    assert len(scan.files) == min(most, 3)


def test_the_signature_changes_with_the_file_and_its_journal(tmp_path: Path) -> None:
    path = make(tmp_path / "x.db")
    before = read_file_signature(path)
    assert read_file_signature(path) == before

    (tmp_path / "x.db-wal").write_bytes(b"x")
    with_journal = read_file_signature(path)
    os.utime(path, ns=(1, 1))

    assert len({before, with_journal, read_file_signature(path)}) == 3
    assert read_file_signature(tmp_path / "gone") == ""
