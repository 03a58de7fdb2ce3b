"""A web application that asked the databases before its server forked: gunicorn's --preload loads it in the master."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import connections

get_wsgi_application()

from tests.faults.forks.tasks import echo  # noqa: E402  # it wants Django

echo(0)


def application(environment: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer /NUMBER with what each database said and the process that asked."""
    number = int(environment["PATH_INFO"].strip("/"))
    said = set(echo(number))
    connections.close_all()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{sorted(said)} {os.getpid()}".encode()]
