"""Who is making the changes: from the code that knows to the trigger that writes it down.

What lives here: the author of the running code, and telling PostgreSQL before each writing statement.
What does not: taking the author from a request (middleware.py).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_author_source: ContextVar[Callable[[], str] | None] = ContextVar("change_log_author", default=None)

# Anywhere in the statement, for a WITH or a DO block may write too; a needless hit costs a round trip, no more.
# What a function called by SELECT writes is not seen: set `synapse.author` yourself around that.
_WRITES: Final = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE)\b", re.IGNORECASE)

_SET_AUTHOR: Final = "SELECT set_config('synapse.author', %s, true)"


@contextmanager
def attribute_changes_to(author: str | Callable[[], str]) -> Iterator[None]:
    """Log the changes made within as the author's; an empty name is nobody's.

    A callable is asked before each writing statement, so that a request that writes nothing never looks up its user.
    Holds for this thread (or task) and every database; contexts nest, the inner one wins.
    """
    token = _author_source.set(author if callable(author) else lambda: author)
    try:
        yield
    finally:
        _author_source.reset(token)


class AuthorStamp:
    """An execute wrapper of one connection that tells PostgreSQL the author before each writing statement.

    The setting is local to the transaction, so a pooler that hands the session to somebody else hands on no author.
    A connection that is not its alias's own is stamped within its transactions only.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self._stamped = False

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001  # Django's signature
        """Run the statement, stamped where it writes and there is an author or a stamp to take back."""
        connection = self._connection
        if connection.needs_rollback or not _writes(sql):
            return execute(sql, params, many, context)
        author = _current_author()
        if not connection.get_autocommit():
            if author or self._stamped:
                self._stamp(context["cursor"], author)
            return execute(sql, params, many, context)
        self._stamped = False
        # Django's transactions are those of the alias: of a connection of one's own they would be another connection's,
        # which this very thread may be reading a COPY from.
        if not author or connections[connection.alias] is not connection:
            return execute(sql, params, many, context)
        with transaction.atomic(using=connection.alias):
            self._stamp(context["cursor"], author)
            result = execute(sql, params, many, context)
        self._stamped = False
        return result

    def _stamp(self, cursor: Any, author: str) -> None:
        """Set the author for the rest of the transaction, past Django's query log and its wrappers."""
        with self._connection.wrap_database_errors:
            cursor.cursor.execute(_SET_AUTHOR, [author])
        self._stamped = True


def stamp_connection(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Install the stamp on a new connection, once; receives Django's connection_created."""
    if connection.vendor == "postgresql" and not any(isinstance(w, AuthorStamp) for w in connection.execute_wrappers):
        connection.execute_wrappers.append(AuthorStamp(connection))


def _current_author() -> str:
    source = _author_source.get()
    return source() if source is not None else ""


def _writes(sql: Any) -> bool:
    text = sql if isinstance(sql, str) else sql.as_string(None)
    return _WRITES.search(text) is not None
