"""A live file whose share has no locks is not replaced: the sentence names the cause and the way out."""

import errno
import fcntl
import os
from pathlib import Path
from typing import Any

import pytest

from legacy_import.backups.snapshots.live_lock import hold_exclusive_lock
from legacy_import.errors import TerminalError


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO])
def test_lock_that_fails_is_told(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def _fail(*_arguments: Any) -> None:
        raise OSError(number, os.strerror(number))

    live = tmp_path / "linkedin.db"
    live.touch()
    monkeypatch.setattr(fcntl, "lockf", _fail)

    with pytest.raises(TerminalError, match="or restore into another folder") as told:
        hold_exclusive_lock(live).__enter__()

    assert str(told.value).startswith(f"The legacy file {live} cannot be locked: {os.strerror(number).lower()} (")
