"""Fixtures every test may ask for.

What lives here: the real legacy files. What does not: rows (tests/factories.py makes them), and the fixture `tally`,
which counts for docs/reliability.md (tests/reliability.py).
Name the databases a test touches: `@pytest.mark.django_db(databases=[...])`.
"""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings as django_settings

pytest_plugins = ["tests.reliability"]

_VARIABLE = "REAL_LEGACY_DIR"


def pytest_configure() -> None:
    # A dump takes 0.3 s and the suite imports all the time; the tests of the dumps switch it on.
    django_settings.DUMP_BEFORE_IMPORT = False


@pytest.fixture
def real_legacy_dir(tmp_path: Path) -> Path:
    """Return a writable copy of the folder of the 13 real legacy files; skipped where REAL_LEGACY_DIR names none."""
    original = os.environ.get(_VARIABLE, "")
    if not original:
        reason = f"Set {_VARIABLE} to the folder of the 13 real legacy files."
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason} In CI these tests may not be skipped.")
        pytest.skip(reason)
    copy = tmp_path / "legacy"
    shutil.copytree(original, copy, copy_function=shutil.copyfile)
    for folder in [copy, *(path for path in copy.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
    return copy
