"""Members of staff with permissions of their own."""

from django.contrib.auth.models import Permission, User
from django.test import Client


def client_with(*codenames: str, name: str = "grace") -> Client:
    """Return a member of staff with exactly these permissions, signed in."""
    user = User.objects.create_user(name, password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    assert user.user_permissions.count() == len(codenames)
    client = Client()
    client.force_login(user)
    return client
