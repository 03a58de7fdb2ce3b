"""The first person who may log in: a superuser with a generated password, which the commands that ask for it print."""

import secrets
from typing import Final

from django.contrib.auth import get_user_model
from django.db import transaction

FIRST_ADMIN: Final = "admin"

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters that look alike: the password is read off a screen."""
_GROUPS: Final = 4
_GROUP_LENGTH: Final = 5


def create_first_admin() -> str | None:
    """Create the superuser `admin` where there is no superuser yet, and return the generated password.

    None where there is one already: only a hash is kept, so the password can be told this once and never again.
    """
    users = get_user_model().objects
    with transaction.atomic():
        if users.filter(is_superuser=True).exists() or users.filter(username=FIRST_ADMIN).exists():
            return None
        # 20 random characters, 99 bits, in groups that can be read out.
        groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
        password = "-".join(groups)
        users.create_superuser(username=FIRST_ADMIN, password=password)
    return password
