"""The limit on lock waits beside what a transaction may only say first."""

import pytest
from django.db import connection, connections, transaction

from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.lock_waits import limit_lock_waits


def _shown(name: str, using: str) -> str:
    with connections[using].cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", " set transaction read only"])
def test_a_transaction_may_set_its_mode_first_and_has_the_limit_all_the_same(mode: str) -> None:
    with limit_lock_waits(lambda: 1.5), transaction.atomic(using=BUSINESS_CORE):
        with connection.cursor() as cursor:
            cursor.execute(mode)

        assert _shown("lock_timeout", BUSINESS_CORE) == "1500ms"
        assert _shown("transaction_isolation", BUSINESS_CORE) == "repeatable read" or "only" in mode
