"""The first admin gets a password nobody could guess, told once."""

import re

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.password_validation import validate_password

from synapse.console.people.first_admin import create_first_admin

pytestmark = pytest.mark.django_db


def test_first_admin_logs_in_with_the_generated_password() -> None:
    password = create_first_admin()

    assert password is not None
    assert re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", password)
    validate_password(password)
    user = authenticate(username="admin", password=password)
    assert user is not None
    assert user.is_superuser
    assert password not in user.password


def test_second_call_makes_nobody_and_tells_nothing() -> None:
    create_first_admin()

    assert create_first_admin() is None
    assert get_user_model().objects.count() == 1


def test_no_admin_beside_another_superuser() -> None:
    get_user_model().objects.create_superuser(username="ioana", password="irrelevant-here")

    assert create_first_admin() is None
    assert not get_user_model().objects.filter(username="admin").exists()


def test_passwords_differ() -> None:
    first = create_first_admin()
    get_user_model().objects.all().delete()

    assert create_first_admin() != first
