"""Fixtures of the exchange's tests.

What lives here: a folder of uploads for each test. What does not: files (files.py).
"""

from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture(autouse=True)
def upload_dir(settings: LazySettings, tmp_path: Path) -> Path:
    """Keep a test's uploads apart."""
    settings.UPLOAD_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"
