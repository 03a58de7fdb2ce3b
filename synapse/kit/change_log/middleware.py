"""Attributes the changes of a request to its user."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from synapse.kit.change_log.authorship import attribute_changes_to


class AuthorMiddleware:
    """Log what a request changes as its user's; stands after AuthenticationMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request; its user is looked up only when something is written."""
        # Not `request.user.get_username` itself: that would query the user at once, and login() replaces the user.
        with attribute_changes_to(lambda: request.user.get_username()):  # noqa: PLW0108  # see above
            return self.get_response(request)
