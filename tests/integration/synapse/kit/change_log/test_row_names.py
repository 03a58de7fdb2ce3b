"""A row's link in the change log is for whoever may see the row."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest

from synapse.kit.change_log.row_names import row_link
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


def _request(person: User) -> HttpRequest:
    request = HttpRequest()
    request.user = person
    return request


def test_row_has_a_link_for_whoever_may_see_it_and_nobody_else() -> None:
    key = uuid4()

    assert row_link(_request(clerk("view_post")), "posts", key) == f"/admin/business_core/post/{key}/change/"
    assert row_link(_request(clerk(name="outsider")), "posts", key) == ""
    assert row_link(_request(clerk("view_post", name="reader")), "no table of ours", key) == ""
