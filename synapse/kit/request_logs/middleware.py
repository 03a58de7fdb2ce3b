"""Gives each request an id, and the log a line for it; outermost, so that every answer has both."""

import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import LazyObject

from synapse.foundation.logs.context import log_context
from synapse.foundation.logs.log_ids import accepted_log_id, new_log_id
from synapse.foundation.logs.unforeseen import log_unforeseen_error
from synapse.kit.request_logs.client_address import client_address

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

REQUEST_ID_HEADER: Final = "X-Request-ID"

_QUIET: Final = ("/health/", "/metrics", "/static/")
"""What monitoring asks every few seconds, and files: said only where it fails, or where DEBUG lines are wanted."""
_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("synapse.request")


class RequestLogMiddleware:
    """Bind the request's id and user to every line logged meanwhile, log its end, and return the id in X-Request-ID.

    A well-formed X-Request-ID of the request, as a proxy sends it, is the id.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        request_id = accepted_log_id(request.headers.get(REQUEST_ID_HEADER)) or new_log_id()
        began_at = time.perf_counter()
        with log_context(
            request_id=request_id,
            user=lambda: _signed_in_user_attribute(request, "get_username"),
            user_id=lambda: _signed_in_user_attribute(request, "pk"),
        ):
            response = self.get_response(request)
            response[REQUEST_ID_HEADER] = request_id
            # A file is sent by the server itself, which wrapping would prevent.
            if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
                _keep_log_context_while_streaming(response)
            _log_answer(request, response, seconds=time.perf_counter() - began_at)
        return response


def _signed_in_user_attribute(request: HttpRequest, name: str) -> Any:
    """Return the attribute of the signed-in user where the request has looked them up; a line costs no query."""
    user: AbstractBaseUser | None = request.__dict__.get("user")
    if isinstance(user, LazyObject):
        user = request.__dict__.get("_cached_user")
    if user is None or not user.is_authenticated:
        return None
    value = getattr(user, name)
    return value() if callable(value) else value


def _log_answer(request: HttpRequest, response: HttpResponseBase, *, seconds: float) -> None:
    status = response.status_code
    log = _logger.error if status >= _SERVER_ERROR else _logger.warning if status >= _CLIENT_ERROR else _logger.info
    if status < _CLIENT_ERROR and request.path.startswith(_QUIET):
        log = _logger.debug
    # Without the query: what people search for is theirs.
    log(
        "request.answered",
        method=request.method,
        path=request.path,
        status=status,
        milliseconds=round(seconds * 1000),
        address=client_address(request),
    )


def _keep_log_context_while_streaming(response: StreamingHttpResponse) -> None:
    """Have a stream's lines carry the request's fields: it is read after the middleware has returned."""
    if response.is_async:
        return
    context = copy_context()
    parts = cast("Iterator[bytes]", response.streaming_content)

    def _next_part() -> bytes | None:
        try:
            return next(parts)
        except StopIteration:
            return None
        except Exception as error:
            log_unforeseen_error(error, unit="streamed answer")
            raise

    def _all_parts() -> Iterator[bytes]:
        while (part := context.run(_next_part)) is not None:
            yield part

    response.streaming_content = _all_parts()
