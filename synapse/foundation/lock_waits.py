"""Lock waits: how long statements may wait for somebody else's lock (lock_timeout), and telling that one has.

The limit of a web request is set by synapse.kit.admin.lock_wait_middleware. Whoever writes with more patience of their
own (an import's session) sets lock_timeout within the transaction, which goes before the limit.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import errors
from psycopg.pq import TransactionStatus

_limit: ContextVar[Callable[[], float] | None] = ContextVar("lock_wait_limit", default=None)

# A false hit costs a round trip, no more.
_WAITS: Final = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|LOCK|REFRESH)\b", re.IGNORECASE)
_SETS_TRANSACTION: Final = re.compile(r"\s*SET\s+TRANSACTION\b", re.IGNORECASE)


@contextmanager
def limit_lock_waits(seconds: Callable[[], float]) -> Iterator[None]:
    """Let no statement of the block wait longer for a lock; the callable is asked as each transaction begins.

    Holds for this thread (or task) and every database.
    """
    token = _limit.set(seconds)
    try:
        yield
    finally:
        _limit.reset(token)


def bounded_wait_seconds(seconds: float) -> float:
    """Return how long to try for a lock: so many seconds, or less where the block's limit says so."""
    limit = _limit.get()
    return seconds if limit is None else min(seconds, limit())


def is_lock_refusal(error: BaseException) -> bool:
    """Say whether a statement ended because somebody else held a lock for too long, or to end a deadlock."""
    return isinstance(error, OperationalError) and isinstance(
        error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected
    )


class LockWaitLimit:
    """An execute wrapper of one connection that sets lock_timeout as a transaction begins, where a limit is set.

    The setting is local to the transaction: a pooler that gives the session to another client passes on no limit.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  # Django's signature
        """Run the statement; set the limit first where it begins a transaction."""
        connection, limit = self._connection, _limit.get()
        if limit is None or connection.needs_rollback:
            return execute(sql, params, many, context)
        if not connection.get_autocommit():
            begins = connection.connection.info.transaction_status == TransactionStatus.IDLE
            if not begins:
                return execute(sql, params, many, context)
            # A transaction's characteristics can only be set by its first statement.
            if _SETS_TRANSACTION.match(_text_of(sql)):
                result = execute(sql, params, many, context)
                self._set_limit(context["cursor"], limit())
                return result
            self._set_limit(context["cursor"], limit())
            return execute(sql, params, many, context)
        # atomic() opens a transaction on the alias's connection, which is not a connection of somebody's own.
        if not _may_wait(sql) or connections[connection.alias] is not connection:
            return execute(sql, params, many, context)
        with transaction.atomic(using=connection.alias):
            self._set_limit(context["cursor"], limit())
            return execute(sql, params, many, context)

    def _set_limit(self, cursor: Any, seconds: float) -> None:
        """Set the limit on the raw cursor, past Django's query log and wrappers."""
        with self._connection.wrap_database_errors:
            cursor.cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{round(1000 * seconds)}ms"])


def install_lock_wait_limit(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Install the limit on a new connection, once; receives Django's connection_created."""
    wrappers = connection.execute_wrappers
    if connection.vendor == "postgresql" and not any(isinstance(one, LockWaitLimit) for one in wrappers):
        # The outermost, so that it sees the first statement of every transaction.
        wrappers.insert(0, LockWaitLimit(connection))


def _may_wait(sql: Any) -> bool:
    return _WAITS.search(_text_of(sql)) is not None


def _text_of(sql: Any) -> str:
    return sql if isinstance(sql, str) else str(sql.as_string(None))
