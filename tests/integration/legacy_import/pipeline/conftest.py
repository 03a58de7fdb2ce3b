"""A file in which an inquiry has changed since it was imported."""

from pathlib import Path
from uuid import UUID

import pytest

from tests.imports import rows
from tests.legacy_files import PRIMARY, change


@pytest.fixture
def inquiry(imported_primary: Path) -> UUID:
    """An inquiry whose notes and company change in the file."""
    ((legacy_key, key),) = rows(
        "default",
        "SELECT key, target_key FROM ledger WHERE legacy_table = 'consultation_inquiries' AND state = 'live'"
        " ORDER BY key LIMIT 1",
    )
    change(
        imported_primary / PRIMARY,
        "UPDATE consultation_inquiries SET notes = 'legacy', company = 'legacy' WHERE inquiry_id = ?",
        legacy_key,
    )
    assert isinstance(key, UUID)
    return key
