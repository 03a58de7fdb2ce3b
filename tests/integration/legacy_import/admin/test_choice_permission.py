"""What somebody who may choose, and may change no business row, can put into one: the recorded values, nothing else."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from business_core.models import Post
from legacy_import.models import Divergence
from tests.imports import rows
from tests.integration.legacy_import.admin.archive_pages import clerk
from tests.integration.legacy_import.admin.divergence_pages import DECIDE, page_of, press

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

_POSTS = "SELECT md5(string_agg(p::text, '' ORDER BY p::text)) FROM posts AS p"


@pytest.fixture
def chooser(client: Client) -> Client:
    client.force_login(clerk("view_businesscoredivergence", "choose_divergence"))
    return client


def _send(client: Client, one: Divergence, decide: str, **fields: str) -> None:
    name = f"token-{one.pk}"
    sent: dict[str, Any] = {"decide": decide, name: _tokens(client)[name]} | fields
    assert client.post(DECIDE, sent, follow=True).status_code in {200, 400}


def _tokens(client: Client) -> dict[str, str]:
    page = page_of(client, decision="all")
    return dict(re.findall(r'<input type="hidden" name="(token-[^"]+)" value="([^"]*)">', page))


def _likes(one: Divergence) -> int | None:
    return Post.objects.get(pk=one.target_key).likes


def test_the_other_value_is_put_and_put_back_and_the_row_itself_stays_closed(
    chooser: Client, likes: Divergence
) -> None:
    page = reverse("admin:business_core_post_change", args=[likes.target_key])

    press(chooser, page_of(chooser), "other", one=likes)
    assert _likes(likes) == 7
    press(chooser, page_of(chooser, decision="decided"), "undo", one=likes)

    assert _likes(likes) == 5
    assert chooser.post(page, {"likes": "9"}).status_code == 403


def test_no_value_column_or_row_is_taken_from_the_request(chooser: Client, likes: Divergence) -> None:
    names = ["other", "kept", "replaced", "value", "here", "likes", "column", "target_key"]
    own = {f"{name}{end}": "99" for name in names for end in ("", f"-{likes.pk}")}

    _send(chooser, likes, f"other:{likes.pk}", **own)
    assert _likes(likes) == 7
    _send(chooser, likes, f"undo:{likes.pk}", **own)

    assert _likes(likes) == 5


def test_a_made_up_token_puts_nothing(chooser: Client, likes: Divergence) -> None:
    before = rows("default", _POSTS)

    for verb in ("kept", "other"):
        for token in ("", "0" * 16, "99", "\0", "é"):
            _send(chooser, likes, f"{verb}:{likes.pk}", **{f"token-{likes.pk}": token})

    assert rows("default", _POSTS) == before
    likes.refresh_from_db()
    assert likes.choice == ""


def test_the_token_of_another_field_puts_nothing(chooser: Client, likes: Divergence) -> None:
    before = rows("default", _POSTS)
    others = Divergence.objects.using("default").exclude(pk=likes.pk)
    fields = _tokens(chooser)
    tokens = {fields[f"token-{other.pk}"] for other in others} - {fields[f"token-{likes.pk}"]}
    assert tokens

    for token in tokens:
        _send(chooser, likes, f"other:{likes.pk}", **{f"token-{likes.pk}": token})

    assert rows("default", _POSTS) == before


def test_an_undo_with_a_made_up_token_or_after_an_edit_puts_nothing(chooser: Client, likes: Divergence) -> None:
    press(chooser, page_of(chooser), "other", one=likes)

    _send(chooser, likes, f"undo:{likes.pk}", **{f"token-{likes.pk}": "0" * 16})
    assert _likes(likes) == 7
    Post.objects.filter(pk=likes.target_key).update(likes=9)
    _send(chooser, likes, f"undo:{likes.pk}")

    assert _likes(likes) == 9
