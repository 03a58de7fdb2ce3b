"""A checkout of root's and one of an ordinary user's, one after the other."""

from collections.abc import Iterator

import pytest

from tests.checkouts import ORDINARY, ROOT, Checkout, temporary_checkout


@pytest.fixture(params=[ROOT, ORDINARY])
def checkout(request: pytest.FixtureRequest) -> Iterator[Checkout]:
    with temporary_checkout(request.param) as made:
        yield made
