"""The notices' pages and the bell: each person's own, read by each person alone."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from synapse.kit.notices.models import Kind, Notice, NoticeReading
from synapse.kit.notices.preferences import mailed_kinds
from synapse.kit.notices.raising import resolve_notice
from tests.integration.synapse.kit.notices.notice_rows import NOW, raised, reader
from tests.people import clerk

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])

LIST, READ, MINE = "/admin/notices/", "/admin/notices/read/", "/admin/notices/mine/"
NOBODYS = "00000000-0000-4000-8000-000000000000"  # the same in every process, for it names tests


@pytest.fixture
def ada() -> User:
    return reader("ada")


@pytest.fixture
def page(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def _text(client: Client, path: str = LIST) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_a_person_sees_what_the_permission_allows(page: Client) -> None:
    raised("For Ada")
    raised("For others", permission="auth.change_user")

    shown = _text(page)

    assert "For Ada" in shown
    assert "For others" not in shown
    assert "Notices: 1 not read" in shown


def test_a_superuser_sees_every_notice(admin_client: Client) -> None:
    raised("For whoever may what nobody knows", permission="gone.gone_permission")

    assert "For whoever may" in _text(admin_client)


def test_open_ones_come_first_and_the_newest_of_them(page: Client) -> None:
    for days, title in ((1, "old"), (3, "resolved"), (2, "new")):
        raised(f"The {title} one", key=title, now=NOW + timedelta(days=days))
    resolve_notice(Kind.WORKER_DOWN, key="resolved")

    shown = _text(page)

    places = [shown.index(f"The {title} one") for title in ("new", "old", "resolved")]
    assert places == sorted(places)
    assert "resolved at" in shown
    assert "Notices: 2 not read" in shown


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("show=open", {"open", "read"}),
        ("show=unread", {"open"}),
        ("show=resolved", {"over"}),
        ("kind=overdue_inquiries", {"over"}),
        ("show=nonsense&kind=nonsense&page=nonsense", {"open", "read", "over"}),
    ],
)
def test_the_list_narrows(page: Client, ada: User, query: str, titles: set[str]) -> None:
    raised("Title open", key="open")
    NoticeReading.objects.create(notice=raised("Title read", key="read"), person=ada, read_at=NOW)
    raised("Title over", key="over", kind=Kind.OVERDUE_INQUIRIES)
    resolve_notice(Kind.OVERDUE_INQUIRIES, key="over")

    shown = _text(page, f"{LIST}?{query}")

    assert {title for title in ("open", "read", "over") if f"Title {title}" in shown} == titles


def test_reading_is_each_persons_own(page: Client, client: Client) -> None:
    notice = raised()

    answer = page.post(READ, {"notice": notice.pk, "back": f"{LIST}?show=open"})

    assert answer.headers["Location"] == f"{LIST}?show=open"
    assert "Notices: all read" in _text(page)
    client.force_login(reader("grace"))
    assert "Notices: 1 not read" in _text(client)


def test_reading_twice_does_no_harm(page: Client) -> None:
    notice = raised()

    for _ in range(2):
        assert page.post(READ, {"notice": notice.pk}).status_code == 302

    assert NoticeReading.objects.count() == 1


def test_a_notice_of_others_can_not_be_marked(page: Client) -> None:
    notice = raised(permission="auth.change_user")

    assert page.post(READ, {"notice": notice.pk}).status_code == 403
    assert not NoticeReading.objects.exists()


@pytest.mark.parametrize("key", ["", "no key", NOBODYS])
def test_a_notice_that_is_gone_is_said(page: Client, key: str) -> None:
    answer = page.post(READ, {"notice": key, "back": "https://elsewhere.example/"}, follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert "there any more" in answer.content.decode()


def test_marking_all_spares_what_came_since_and_what_is_for_others(page: Client) -> None:
    shown = [raised(f"Shown {number}") for number in range(3)]
    raised("For others", permission="auth.change_user")
    raised("Came since", now=NOW + timedelta(minutes=1))

    answer = page.post(READ, {"until": NOW.isoformat()}, follow=True)

    assert "3 notices marked as read" in answer.content.decode()
    assert {reading.notice_id for reading in NoticeReading.objects.all()} == {notice.pk for notice in shown}


@pytest.mark.parametrize("path", [LIST, MINE])
def test_strangers_are_asked_to_sign_in(client: Client, path: str) -> None:
    assert client.get(path).headers["Location"].startswith("/admin/login/")
    assert client.post(READ).headers["Location"].startswith("/admin/login/")


def test_reading_is_no_link_and_wants_a_token(page: Client, ada: User) -> None:
    assert page.get(READ).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(READ, {"notice": raised().pk}).status_code == 403


def test_texts_are_shown_not_obeyed(page: Client) -> None:
    raised("<script>alert(1)</script>\u202eevil", text="<img src=x>\nline\u2066two")

    shown = _text(page)

    assert "<script>alert(1)" not in shown
    assert "<img src=x>" not in shown
    assert "\u202e" not in shown
    assert "line⟨U+2066⟩two" in shown


def test_nothing_to_tell_says_when_there_will_be(page: Client) -> None:
    assert "Nothing needs you" in _text(page)
    assert "Show all notices" in _text(page, f"{LIST}?show=open")


def test_a_page_costs_the_same_for_ten_and_for_a_hundred(page: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            _text(page)
        return len(queries)

    for number in range(10):
        raised(f"Notice {number}")
    _text(page)
    few = asked()
    for number in range(10, 110):
        raised(f"Notice {number}")

    assert asked() == few
    assert "Notices: 99+ not read" in _text(page)
    assert "Page 2 of 5" in _text(page, f"{LIST}?page=2")


@pytest.mark.parametrize("path", ["/admin/", "/admin/business_core/post/", "/admin/password_change/"])
def test_the_bell_is_one_query_of_every_page(page: Client, path: str) -> None:
    raised()
    with CaptureQueriesContext(connection) as queries:
        shown = _text(page, path)

    assert 'class="notice-bell"' in shown
    assert sum('"notice"' in query["sql"] for query in queries) == 1


def test_the_bell_goes_by_an_index(ada: User) -> None:
    for number in range(300):
        raised(f"Notice {number}", permission="auth.change_user")
    Notice.objects.update(resolved_at=NOW)
    raised()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notice")

    plan = Notice.objects.open().for_person(ada).unread_by(ada).explain()

    assert "Seq Scan on notice " not in plan
    assert Notice.objects.open().for_person(ada).unread_by(ada).count() == 1


def test_who_left_the_staff_sees_none() -> None:
    raised()
    former = reader("former")
    former.is_staff = False

    assert not Notice.objects.for_person(former).exists()
    assert not Notice.objects.for_person(clerk(name="nobody yet")).exists()


def test_mails_are_switched_off_and_on(page: Client, ada: User) -> None:
    assert mailed_kinds(ada) == set(Kind.values)

    page.post(MINE, {"kind": [Kind.WORKER_DOWN, "nonsense"]})
    assert mailed_kinds(ada) == {Kind.WORKER_DOWN}
    shown = _text(page, MINE)
    assert shown.count(" checked") == 1
    assert "ada@example.com" in shown

    page.post(MINE, {"kind": Kind.values})
    assert mailed_kinds(ada) == set(Kind.values)


def test_without_an_address_the_page_says_so(page: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(email="")

    assert "No e-mail address is kept for you" in _text(page, MINE)
