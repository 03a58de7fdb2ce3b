"""Readiness is kept for two seconds: forget it, so that no test gets the last one's."""

from collections.abc import Iterator

import pytest

from synapse.console.health.readiness import readiness_cache


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    readiness_cache.invalidate()
    yield
    readiness_cache.invalidate()


@pytest.fixture
def token(settings: pytest.FixtureRequest) -> dict[str, str]:
    """Return the header of a monitoring program."""
    settings.METRICS_TOKEN = "a-long-token"  # type: ignore[attr-defined]  # pytest-django's
    return {"authorization": "Bearer a-long-token"}
