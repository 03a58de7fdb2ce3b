"""How a page says yes and how it says no.

What lives here: the statuses that count as let in and as refused, with the pages that answer in their own way. What
does not: who is let in (expectations.py).
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from django.http import HttpResponseBase

from tests.every_page.addresses import Address


class Answer(Enum):
    """What came back: a status, or where a redirect leads."""

    SHOWN = 200
    BAD = 400
    UNKNOWN = 401
    REFUSED = 403
    NOT_THERE = 404
    WRONG_VERB = 405
    LED_ON = "to a page inside"
    TO_LOGIN = "to the login"
    BROKEN = "broken"


def answer_of(response: HttpResponseBase) -> Answer:
    """Tell what a response is; a redirect is a refusal or not by where it leads."""
    if response.status_code in {301, 302}:
        return Answer.TO_LOGIN if response.headers["Location"].startswith("/admin/login/") else Answer.LED_ON
    known = {answer.value for answer in Answer}
    return Answer(response.status_code) if response.status_code in known else Answer.BROKEN


def yes_of(address: Address, verb: str) -> set[Answer]:
    """Return what lets a person in: the page when it is opened; the page again, or the next, when it is sent."""
    if not address.name:
        return {Answer.NOT_THERE if "url" in address.pattern else Answer.LED_ON}
    own = _OWN_YES.get((verb, address.page)) or _OWN_YES.get((verb, address.name))
    return own or ({Answer.SHOWN} if verb == "get" else {Answer.SHOWN, Answer.LED_ON})


def no_of(address: Address, *, is_staff: bool) -> set[Answer]:
    """Return what keeps a person out: the login who has not come in as staff, a refusal everybody else."""
    return _OWN_NO.get((address.name, is_staff)) or {Answer.REFUSED if is_staff else Answer.TO_LOGIN}


# What was sent is empty: that it is judged at all is being let in.
_OWN_YES: Final[Mapping[tuple[str, str], set[Answer]]] = {
    ("get", "admin:login"): {Answer.SHOWN, Answer.LED_ON},
    ("get", "admin:logout"): {Answer.WRONG_VERB, Answer.LED_ON},
    ("get", "admin:view_on_site"): {Answer.NOT_THERE},
    ("post", "admin:view_on_site"): {Answer.NOT_THERE},
    ("get", "settle"): {Answer.LED_ON},
    ("get", "withdraw"): {Answer.LED_ON},
    ("get", "import_preview"): {Answer.NOT_THERE},
    ("post", "import_preview"): {Answer.NOT_THERE},
    ("get", "import_bad_rows"): {Answer.NOT_THERE},
    ("post", "import"): {Answer.BAD, Answer.LED_ON},
    ("post", "decide"): {Answer.BAD},
    ("post", "confirm"): {Answer.BAD},
}
_OWN_NO: Final[Mapping[tuple[str, bool], set[Answer]]] = {
    ("metrics", False): {Answer.UNKNOWN, Answer.REFUSED},
    ("admin:app_list", True): {Answer.NOT_THERE},
}
