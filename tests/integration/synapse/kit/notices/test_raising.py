"""Raising and resolving: one open notice per kind and key, inside the caller's transaction."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from synapse.kit.notices.errors import NoticeError
from synapse.kit.notices.models import Kind, Notice
from synapse.kit.notices.raising import resolve_notice
from tests.integration.synapse.kit.notices.notice_rows import NOW, raised

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def test_a_repeat_counts_up_and_says_the_newer_words() -> None:
    first = raised("2 rows", key="primary", text="old")

    again = raised("3 rows", key="primary", text="new", link="/admin/", now=LATER)

    assert (again.pk, again.times, again.title, again.text, again.link) == (first.pk, 2, "3 rows", "new", "/admin/")
    assert (again.raised_at, again.last_at) == (NOW, LATER)
    assert Notice.objects.count() == 1


def test_another_key_or_kind_is_another_notice() -> None:
    raised(key="primary")
    raised(key="twitter")
    raised(key="primary", kind=Kind.QUARANTINED_ROWS)

    assert Notice.objects.open().count() == 3


def test_what_was_resolved_is_raised_anew() -> None:
    first = raised(key="primary")

    assert resolve_notice(Kind.WORKER_DOWN, key="primary", now=LATER)
    assert not resolve_notice(Kind.WORKER_DOWN, key="primary", now=LATER)
    again = raised(key="primary", now=LATER)

    first.refresh_from_db()
    assert first.resolved_at == LATER
    assert (again.pk != first.pk, again.times, again.resolved_at) == (True, 1, None)


def test_it_goes_with_the_callers_transaction() -> None:
    with transaction.atomic():
        raised()
        transaction.set_rollback(True)

    assert not Notice.objects.exists()


def test_odd_texts_leave_the_callers_transaction_whole() -> None:
    with transaction.atomic():
        notice = raised("NUL \0, half a pair \ud800", key="k\0", text="x" * 10_000)
        Group.objects.create(name="still works")

    assert notice.title == "NUL \u2400, half a pair ?"
    assert len(notice.text) == 4_000
    assert resolve_notice(Kind.WORKER_DOWN, key="k\0")


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "javascript:x", "/a\nb"]
)
def test_a_link_to_elsewhere_is_refused_before_the_database_is_asked(link: str) -> None:
    with transaction.atomic():
        with pytest.raises(NoticeError, match="path of this site"):
            raised(link=link)
        assert connection.is_usable()

    assert not Notice.objects.exists()


@pytest.mark.parametrize("permission", ["", "change_post", "business_core.", "a.b.c"])
def test_what_is_no_permission_is_refused(permission: str) -> None:
    with pytest.raises(NoticeError, match=r"app\.codename"):
        raised(permission=permission)
