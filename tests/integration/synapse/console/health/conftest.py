"""Readiness is remembered for two seconds, and the next test shall not be told of the last one's."""

from collections.abc import Iterator

import pytest

from synapse.console.health.readiness import remembered


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    remembered.forget()
    yield
    remembered.forget()


@pytest.fixture
def token(settings: pytest.FixtureRequest) -> dict[str, str]:
    """Return the header of a monitoring program."""
    settings.METRICS_TOKEN = "a-long-token"  # type: ignore[attr-defined]  # pytest-django's
    return {"authorization": "Bearer a-long-token"}
