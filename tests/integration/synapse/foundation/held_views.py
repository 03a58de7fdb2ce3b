"""A materialized view that another session holds."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from django.db import connections

from synapse.foundation.materialized_views import refresh_views


@contextmanager
def held_view(alias: str, view: str) -> Iterator[None]:
    """Let another session refresh the view, and end its transaction with the block; leave the view fresh."""
    somebody = connections[alias].copy()
    with closing(somebody):
        somebody.set_autocommit(False)
        with somebody.cursor() as cursor:
            cursor.execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view}")
        yield
        somebody.rollback()
    refresh_views(alias=alias)
