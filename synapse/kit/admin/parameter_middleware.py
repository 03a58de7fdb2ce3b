"""Answers 400 to parameters that no column can hold: NUL, halves of characters, numbers and dates beyond their types.

An address with NUL or a lone surrogate reaches no page. What else a database or Python can't take of what was sent
(a year of 30 digits) fails while the page is made, and is answered here as well; it is logged with its traceback.
"""

import logging
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Final

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.defaults import bad_request

from synapse.foundation.text.storable import is_storable_text

_logger = logging.getLogger(__name__)

_DJANGO_QUERIES: Final = "django.db."
"""Where Django turns a lookup's value into SQL, and a year of 0 into a ValueError."""


class ParameterMiddleware:
    """Refuse parameters that no column can hold; stands before the session, for its key is one of them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request. Raises BadRequest."""
        # Forms judge their fields themselves and say which one is wrong, so what is posted is not looked at here.
        if not all(map(is_storable_text, _url_texts(request))):
            raise BadRequest("The address has a character that no text has: NUL, or half of a character.")
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer what was sent and can't be held by its type; None leaves the exception to be a server error."""
        if not _has_parameters(request) or not _is_unstorable_value_error(exception):
            return None
        _logger.warning("Refused a parameter of %s", request.path, exc_info=exception)
        return bad_request(request, exception)


def _url_texts(request: HttpRequest) -> Iterable[str]:
    return chain([request.path_info], request.GET, *(values for _, values in request.GET.lists()))


def _has_parameters(request: HttpRequest) -> bool:
    return bool(request.GET or request.POST or (request.resolver_match and request.resolver_match.kwargs))


def _is_unstorable_value_error(exception: Exception) -> bool:
    """Say whether the exception is one of a value that its type can't hold."""
    if isinstance(exception, DataError | OverflowError | UnicodeError):
        return True
    if not isinstance(exception, ValueError) or exception.__traceback__ is None:
        return False
    innermost = exception.__traceback__
    while innermost.tb_next is not None:
        innermost = innermost.tb_next
    return str(innermost.tb_frame.f_globals.get("__name__", "")).startswith(_DJANGO_QUERIES)
