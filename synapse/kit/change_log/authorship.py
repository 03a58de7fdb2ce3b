"""The author of changes: from the Python code that knows it to the trigger that logs it.

The trigger reads the setting `synapse.author` of the transaction; an execute wrapper on every connection sets it before
each writing statement. The author of a request is set by middleware.py, of a job by synapse.kit.jobs.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_author_source: ContextVar[Callable[[], str] | None] = ContextVar("change_log_author", default=None)

# Anywhere in the statement, for a WITH or a DO block may write too; a false hit costs a round trip, no more.
# What a function called by SELECT writes is not noticed: set `synapse.author` yourself around that.
_WRITES: Final = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE)\b", re.IGNORECASE)

_SET_AUTHOR: Final = "SELECT set_config('synapse.author', %s, true)"


@contextmanager
def attribute_changes_to(author: str | Callable[[], str]) -> Iterator[None]:
    """Log the changes made within the block as the author's; an empty name means no author.

    A callable is asked before each writing statement, so that a request that writes nothing never looks up its user.
    Holds for this thread (or task) and every database; contexts nest, the inner one wins.
    """
    token = _author_source.set(author if callable(author) else lambda: author)
    try:
        yield
    finally:
        _author_source.reset(token)


class AuthorStamp:
    """An execute wrapper of one connection that sets the author before each writing statement.

    The setting is local to the transaction: a pooler that gives the session to another client passes on no author.
    A connection that is not the one Django has for its alias is stamped within its own transactions only.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._stamped = False

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  # Django's signature
        """Run the statement; set the author first where it writes, or clear one that was set before."""
        connection = self._connection
        if connection.needs_rollback or not _is_writing_statement(sql):
            return execute(sql, params, many, context)
        source = _author_source.get()
        author = source() if source is not None else ""
        if not connection.get_autocommit():
            if author or self._stamped:
                self._set_author(context["cursor"], author)
            return execute(sql, params, many, context)
        self._stamped = False
        # atomic() opens a transaction on the alias's connection. For a connection of somebody's own that is another
        # one, from which this very thread may be reading a COPY.
        if not author or connections[connection.alias] is not connection:
            return execute(sql, params, many, context)
        # Autocommit: a transaction-local setting needs a transaction around setting and statement.
        with transaction.atomic(using=connection.alias):
            self._set_author(context["cursor"], author)
            result = execute(sql, params, many, context)
        self._stamped = False
        return result

    def _set_author(self, cursor: Any, author: str) -> None:
        """Set the author for the rest of the transaction; on the raw cursor, past Django's query log and wrappers."""
        with self._connection.wrap_database_errors:
            cursor.cursor.execute(_SET_AUTHOR, [author])
        self._stamped = True


def install_author_stamp(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Install the stamp on a new connection, once; receives Django's connection_created."""
    if connection.vendor == "postgresql" and not any(isinstance(w, AuthorStamp) for w in connection.execute_wrappers):
        connection.execute_wrappers.append(AuthorStamp(connection))


def _is_writing_statement(sql: Any) -> bool:
    text = sql if isinstance(sql, str) else sql.as_string(None)
    return _WRITES.search(text) is not None
