"""What a contained error leaves of the connections: each unit begins with one that works."""

import pytest
from django.db import DatabaseError, connection, transaction

from synapse.foundation.containment import contain_errors

pytestmark = pytest.mark.django_db(transaction=True)


def _can_query() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def test_connection_that_broke_is_opened_anew_for_the_next_unit() -> None:
    with contain_errors("first") as trouble, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert isinstance(trouble.error, DatabaseError)
    assert _can_query()


def test_transaction_that_was_left_open_is_rolled_back() -> None:
    with contain_errors("first") as trouble:
        # Past Django, which would end it: as a library with a connection of Django's does.
        connection.ensure_connection()
        connection.connection.execute("BEGIN")
        connection.connection.execute("SELECT 1 / 0")

    assert trouble
    assert _can_query()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
        assert cursor.fetchone() == (True,)


def test_aborted_transaction_of_the_unit_is_rolled_back() -> None:
    with contain_errors("first") as trouble, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")

    assert trouble
    assert _can_query()


def test_transaction_of_the_caller_is_left_to_the_caller() -> None:
    with transaction.atomic():
        assert _can_query()
        with contain_errors("first") as trouble:
            raise KeyError

        assert trouble
        assert connection.in_atomic_block
        assert _can_query()
