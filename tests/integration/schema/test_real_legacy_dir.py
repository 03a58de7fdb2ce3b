"""The fixture of the real legacy files hands out a copy one may write to."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path


def test_real_legacy_files_are_a_writable_copy(real_legacy_dir: Path) -> None:
    files = sorted(real_legacy_dir.rglob("*.db"))

    assert len(files) == 13
    assert Path(os.environ["REAL_LEGACY_DIR"]).resolve() not in real_legacy_dir.resolve().parents
    for path in files:
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE written (id INTEGER)")
