"""A checkout of this process's user; the faults tests go through the other users."""

from collections.abc import Iterator

import pytest

from tests.checkouts import OWN, Checkout, temporary_checkout


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    with temporary_checkout(OWN) as made:
        yield made


@pytest.fixture(scope="module")
def running() -> Iterator[Checkout]:
    """Return a checkout whose server runs, for the tests that leave it as it is."""
    with temporary_checkout(OWN) as made:
        made.query("CREATE DATABASE synapse_business_core")
        yield made
