"""The network address a request came from, as the log and the lines about sign-ins have it."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address of the client, "" where it is none.

    Behind a TLS proxy (BEHIND_TLS_PROXY) it is the last of X-Forwarded-For, the one that the proxy itself added; what
    stands before it was sent by the client, who may write anything.
    """
    offered = str(request.META.get("REMOTE_ADDR", ""))
    if settings.BEHIND_TLS_PROXY:
        offered = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or offered
    try:
        return str(ip_address(offered))
    except ValueError:
        return ""
