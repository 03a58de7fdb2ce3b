"""Names in a legacy file can't move the cursor of the terminal that a command writes to."""

import contextlib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.legacy_files import PRIMARY, change

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True)

_NAME = "drawer\x1b[2J\x1b]0;title\x07\r\x9b31m\u202e"
_CONTROLS = {"\x1b", "\x07", "\r", "\x9b", "\u202e"}


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command; return all that it wrote, by rich and by Django alike."""
    own = StringIO()
    with contextlib.suppress(SystemExit):
        call_command(*words, stdout=own, stderr=own)
    printed = capsys.readouterr()
    return own.getvalue() + printed.out + printed.err


def test_no_command_runs_the_escapes_of_a_name(
    legacy_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(legacy_dir / PRIMARY, f'CREATE TABLE "{_NAME}" ("column{_NAME}" TEXT)')
    change(legacy_dir / PRIMARY, f'INSERT INTO "{_NAME}" VALUES (?)', _NAME)
    change(legacy_dir / PRIMARY, f'ALTER TABLE linkedin_posts ADD COLUMN "{_NAME}" TEXT')
    named = ["--source=primary", f"--legacy-dir={legacy_dir}"]

    said = {
        words: _run(capsys, *words)
        for words in (
            ("import_legacy", *named),
            ("export_legacy", "--source=primary", f"--output={tmp_path / _NAME}"),
            ("import_legacy", f"--source={_NAME}"),
            ("export_legacy", f"--source={_NAME}", f"--output={tmp_path}"),
            ("import_legacy", "--source=primary", f"--legacy-dir={tmp_path / _NAME}{_NAME}"),
            ("backups", "restore", "primary", f"--output={tmp_path / _NAME}"),
        )
    }

    assert {words: text for words, text in said.items() if _CONTROLS & set(text)} == {}
    assert "drawer\u241b[2J" in said[("import_legacy", *named)]
