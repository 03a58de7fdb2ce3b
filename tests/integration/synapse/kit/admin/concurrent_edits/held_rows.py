"""A transaction of somebody else's that holds rows while a page is sent."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction


@contextmanager
def holding(write: Callable[[], Any], *, alias: str = "default") -> Iterator[None]:
    """Write in a transaction of another session, which is rolled back as the block ends."""
    written, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic(using=alias):
                write()
                written.set()
                done.wait(30)
                transaction.set_rollback(True, using=alias)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert written.wait(10)
        yield
    finally:
        done.set()
        thread.join(20)
