"""People before the admin of a real web server: they sign in by its form, open pages and save forms.

What lives here: one visitor's requests. What does not: which pages, and how many visitors at once (the tests).
"""

import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from urllib.parse import urlencode

_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """A page: what was asked for, where that led, and what came."""

    asked: str
    address: str
    status: int
    text: str

    @property
    def trouble(self) -> str:
        """Say what is wrong with it; empty where it is a good page that asks nobody to sign in."""
        if self.status == 200 and "/admin/login/" not in self.address:
            return ""
        return f"{self.asked} answered {self.status} at {self.address}: {self.text[:500]}"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with cookies of their own."""

    name: str
    site: str
    _cookies: CookieJar = field(default_factory=CookieJar)

    def sign_in(self, password: str) -> Answer:
        """Sign in by the form and return the page that this leads to."""
        address = "/admin/login/?next=/admin/"
        self.open(address)
        token = next(cookie.value or "" for cookie in self._cookies if cookie.name == "csrftoken")
        return self.send(address, {"csrfmiddlewaretoken": token, "username": self.name, "password": password})

    def once_more(self) -> "Visitor":
        """Return the same person in another window: signed in, with cookies that go their own way from here."""
        other = Visitor(self.name, self.site)
        for cookie in self._cookies:
            other._cookies.set_cookie(cookie)
        return other

    def open(self, path: str) -> Answer:
        """Open the page at the path."""
        return self._ask(path, None)

    def send(self, path: str, fields: dict[str, str]) -> Answer:
        """Send the fields, and follow to where that leads."""
        return self._ask(path, urlencode(fields).encode())

    def _ask(self, path: str, body: bytes | None) -> Answer:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        try:
            with opener.open(f"{self.site}{path}", body, timeout=_PATIENCE_SECONDS) as response:
                return Answer(path, response.url, response.status, response.read().decode(errors="replace"))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(path, error.url or path, error.code, error.read().decode(errors="replace"))
