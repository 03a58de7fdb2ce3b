"""Files whose rows come and go on purpose."""

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def every_loss_is_a_deletion(settings: Settings) -> None:
    """Empty tables on purpose without asking a person; tests of the question are services/test_row_losses.py."""
    settings.LEGACY_LOSS_SHARE = 2.0
