"""After a test that commits, its rows are gone and the content types and permissions are there."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType

from analytics.models import ContentPattern
from business_core.models import Post
from synapse.foundation.databases import ALIASES
from tests.factories import make_content_pattern, make_post

pytestmark = pytest.mark.django_db(databases=ALIASES, transaction=True)


def kept() -> tuple[int, int, list[str]]:
    return ContentType.objects.count(), Permission.objects.count(), sorted(Group.objects.values_list("name", flat=True))


@pytest.fixture(scope="module")
def seen() -> list[tuple[int, int, list[str]]]:
    return []


@pytest.mark.parametrize("spoilt", ["nothing", "rows", "a role", "permissions", "content types", "nothing again"])
def test_each_finds_the_databases_as_the_one_before_did(spoilt: str, seen: list[tuple[int, int, list[str]]]) -> None:
    assert (Post.objects.count(), ContentPattern.objects.count(), User.objects.count()) == (0, 0, 0)
    seen.append(kept())
    # The first may come right after the databases were made.
    assert seen[1:] == seen[1:2] * len(seen[1:])
    assert all(seen[-1][:2])

    make_post()
    make_content_pattern()
    person = User.objects.create_user("ada")
    if spoilt == "a role":
        person.groups.add(Group.objects.create(name="spoilt"))
    elif spoilt == "permissions":
        Permission.objects.all().delete()
    elif spoilt == "content types":
        ContentType.objects.all().delete()
