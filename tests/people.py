"""People for tests.

What lives here: members of staff with named permissions. What does not: the roles (synapse.console.people.roles).
"""

from django.contrib.auth.models import Permission, User


def clerk(*permissions: str, name: str = "clerk") -> User:
    """Make a member of staff who may do what is named, by its codename, and nothing else."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user
