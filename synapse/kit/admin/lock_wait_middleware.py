"""A request waits for somebody else's lock for 3 seconds at most, and is then answered in one sentence.

The rows' own pages show the form again (concurrent_edits/); whatever else was sent is answered with a page that keeps
it and sends it again.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from synapse.foundation.lock_waits import is_lock_refusal, limit_lock_waits

MAX_WAIT_SECONDS: Final = 3.0
SHORT_WAIT_SECONDS: Final = 0.2
"""How long a request waits while half of the threads answer requests that write: pages need the others."""
HELD_SENTENCE: Final = (
    "Nothing was saved: somebody else, or an import, is writing to the same rows right now."
    " What you entered is kept here; try again in a moment."
)

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_HTTP_UNAVAILABLE: Final = 503
_RETRY_AFTER_SECONDS: Final = 5

_logger = logging.getLogger(__name__)


class _Writers:
    """How many requests that may write are being answered by this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count one more for the block."""
        with self._lock:
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1

    def longest_wait_seconds(self) -> float:
        """Return how long a transaction that begins now may wait for a lock."""
        return MAX_WAIT_SECONDS if self._count <= max(1, settings.WEB_THREADS // 2) else SHORT_WAIT_SECONDS


class LockWaitMiddleware:
    """Limit the lock waits of a request, and answer one that came to the limit; stands after the session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._writers = _Writers()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        with limit_lock_waits(self._writers.longest_wait_seconds):
            if request.method in _SAFE_METHODS:
                return self.get_response(request)
            with self._writers.counted():
                return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer a request that waited too long; None leaves any other exception to be a server error."""
        if not is_lock_refusal(exception):
            return None
        _logger.warning("Waited too long for a lock: %s", request.path)
        sent = _sent_fields(request)
        context = {"sentence": HELD_SENTENCE, "can_be_sent_again": sent is not None, "sent": sent}
        response = render(request, "lock_wait.html", context, status=_HTTP_UNAVAILABLE)
        # It repeats what was typed.
        add_never_cache_headers(response)
        response["Retry-After"] = str(_RETRY_AFTER_SECONDS)
        return response


def _sent_fields(request: HttpRequest) -> list[tuple[str, Any]] | None:
    """Return the fields to send again; None where one is a file, which a page can't hold, or a password."""
    if request.method != "POST" or request.FILES or any("password" in name for name in request.POST):
        return None
    fields = ((name, value) for name, values in request.POST.lists() for value in values)
    return [(name, value) for name, value in fields if name != "csrfmiddlewaretoken"]
