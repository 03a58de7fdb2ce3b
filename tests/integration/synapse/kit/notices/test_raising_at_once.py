"""Two who raise the same notice at once raise one."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connections, transaction

from synapse.kit.notices.models import Notice
from tests.integration.synapse.kit.notices.notice_rows import raised

pytestmark = pytest.mark.django_db(transaction=True)


def _raise() -> int:
    try:
        return raised(key="primary").times
    finally:
        connections["default"].close()


def test_the_second_waits_and_counts_up() -> None:
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            raised(key="primary")
            raising = other.submit(_raise)
            with pytest.raises(TimeoutError):
                raising.result(timeout=0.3)
        assert raising.result(timeout=10) == 2

    assert Notice.objects.get().times == 2


def _raise_impatiently() -> int:
    """Give up on the notice, but not on the rest of the transaction; return how many groups that rest made."""
    try:
        with transaction.atomic():
            with connections["default"].cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '50ms'")
            with suppress(OperationalError):
                raised(key="primary")
            Group.objects.create(name="made all the same")
        return Group.objects.filter(name="made all the same").count()
    finally:
        connections["default"].close()


def test_who_can_not_raise_it_goes_on_in_the_same_transaction() -> None:
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        raised(key="primary")
        assert other.submit(_raise_impatiently).result(timeout=10) == 1

    assert Notice.objects.get().times == 1


def test_many_at_once_are_all_counted() -> None:
    with ThreadPoolExecutor(4) as people:
        counts = sorted(people.map(lambda _: _raise(), range(12)))

    assert max(counts) == 12
    assert Notice.objects.get().times == 12
