"""The promised figures are in the code once, where they are said to be, and so are the tests that hold them."""

import pytest

from tests.mutations.promise import Promise
from tests.mutations.run_promises import PROMISES
from tests.mutations.scratch import PROJECT


@pytest.mark.parametrize("promise", PROMISES, ids=lambda one: one.said)
def test_code_and_test_of_each_promise_are_there(promise: Promise) -> None:
    file, _, name = promise.test.partition("::")

    assert len(promise.mutants(PROJECT)) >= 2
    assert f"def {name}" in (PROJECT / file).read_text()


def test_every_step_is_beyond_its_figure() -> None:
    for promise in PROMISES:
        source = (PROJECT / promise.path).read_text()
        for mutant in promise.mutants(PROJECT):
            assert mutant.apply(source) != source, promise.said
