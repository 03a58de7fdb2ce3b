"""Files and folders are their owner's from the first byte on, whatever the umask is."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from synapse.foundation.private_files import create_private_file, make_private_folder, write_private_text


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=["open", "usual", "closed"])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("_umask")
def test_a_created_file_is_private(tmp_path: Path) -> None:
    create_private_file(tmp_path / "file")

    assert _mode(tmp_path / "file") == 0o600


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(FileExistsError):
        create_private_file(tmp_path / "link")

    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.usefixtures("_umask")
def test_a_written_text_is_private_even_where_the_old_file_was_not(tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("old")
    (tmp_path / "report.html").chmod(0o644)

    write_private_text(tmp_path / "report.html", "new é")

    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "new é"
    assert _mode(tmp_path / "report.html") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_link_that_is_written_to_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")

    write_private_text(tmp_path / "link", "text")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "text"


def test_a_device_is_written_to_as_it_is(tmp_path: Path) -> None:
    write_private_text(Path(os.devnull), "text")

    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_text_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("old")

    with pytest.raises(UnicodeEncodeError):
        write_private_text(tmp_path / "report", "half \ud800")

    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report", "old")]


def test_a_folder_and_its_missing_parents_are_private(tmp_path: Path) -> None:
    before = os.umask(0)
    make_private_folder(tmp_path / "a" / "b")
    os.umask(before)

    assert (_mode(tmp_path / "a"), _mode(tmp_path / "a" / "b")) == (0o700, 0o700)
