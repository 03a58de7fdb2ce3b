"""Events of signing in: who did, who could not, who left; from Django's signals, and from the admin's own refusal."""

from typing import Any

import structlog
from django.contrib.auth.models import AbstractBaseUser, AbstractUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.forms import AuthenticationForm

from synapse.kit.request_logs.client_address import client_address

_MAX_NAME: int = 150

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


class LoggedAuthenticationForm(AuthenticationForm):  # type: ignore[misc]  # the theme is untyped
    """The sign-in form of the admin, which says in the log that it turned somebody down whose password was right."""

    def confirm_login_allowed(self, user: AbstractUser) -> None:
        """Raise ValidationError for who may not enter the admin."""
        try:
            super().confirm_login_allowed(user)
        except ValidationError:
            _logger.warning(
                "login.failed", account=user.get_username(), reason="not staff", **_client_address_field(self.request)
            )
            raise


def connect_sign_in_events() -> None:
    """Have Django's signals of signing in logged from now on."""
    user_logged_in.connect(_log_login, dispatch_uid="request_logs")
    user_logged_out.connect(_log_logout, dispatch_uid="request_logs")
    user_login_failed.connect(_log_failed_login, dispatch_uid="request_logs")


def _log_login(sender: object, *, request: HttpRequest | None, user: AbstractBaseUser, **_: Any) -> None:  # noqa: ARG001
    _logger.info("login.succeeded", account=user.get_username(), **_client_address_field(request))


def _log_logout(sender: object, *, request: HttpRequest | None, user: AbstractBaseUser | None, **_: Any) -> None:  # noqa: ARG001
    if user is not None:
        _logger.info("logout", account=user.get_username(), **_client_address_field(request))


def _log_failed_login(
    sender: object,  # noqa: ARG001
    *,
    credentials: dict[str, Any],
    request: HttpRequest | None = None,
    **_: Any,
) -> None:
    # Of the credentials the name alone; Django has hidden the password already.
    name = str(credentials.get("username", ""))[:_MAX_NAME]
    _logger.warning("login.failed", account=name, reason="name or password", **_client_address_field(request))


def _client_address_field(request: HttpRequest | None) -> dict[str, str]:
    return {} if request is None else {"address": client_address(request)}
