"""Fixtures every test may ask for.

What lives here: the real legacy files. What does not: rows (tests/factories.py makes them), and the fixture `tally`,
which counts for docs/reliability.md (tests/reliability.py).
Name the databases a test touches: `@pytest.mark.django_db(databases=[...])`.
"""

import logging
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from legacy_import.pipeline.snapshot import replaced_file_retry
from synapse.foundation.logs.destinations import StderrHandler
from tests.checkouts import remove_migrated_checkout
from tests.emptying import empty_only_filled_tables
from tests.legacy_files import copy_of_the_real_files

pytest_plugins = ["tests.reliability", "tests.browser"]


def pytest_configure() -> None:
    # A dump takes 0.3 s and the suite imports all the time; the tests of the dumps switch it on.
    django_settings.DUMP_BEFORE_IMPORT = False
    # A test's page tells of this test's rows, not of the last one's.
    django_settings.STALE_DATA_SECONDS = 0
    # A file that a test has just spoiled is not about to be replaced; the tests of that wait.
    replaced_file_retry.quiet_seconds = 0.0
    replaced_file_retry.pause_seconds = 0.01
    empty_only_filled_tables()
    # As a command's terminal, so that a test reads there what the command itself says; the lines are in caplog.
    for handler in logging.getLogger().handlers:
        if isinstance(handler, StderrHandler):
            handler.setLevel(logging.CRITICAL)
    # A safe hash takes 0.3 s, and every test that signs in makes a person.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_sessionfinish() -> None:
    remove_migrated_checkout()


@pytest.fixture
def real_legacy_dir(tmp_path: Path) -> Path:
    """Return a writable copy of the folder of the 13 real legacy files; skipped where REAL_LEGACY_DIR names none."""
    return copy_of_the_real_files(tmp_path / "legacy")
