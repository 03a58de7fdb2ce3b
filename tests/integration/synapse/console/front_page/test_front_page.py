"""The front page: what needs doing, for whom, and what can be done without leaving it."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from business_core.front_page.inquiry_lines import next_action_fingerprint
from business_core.models import ConsultationInquiry
from synapse.console.people.roles import Role, ensure_roles
from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.models import JobRun
from tests.factories import make_ab_test, make_inquiry, make_job_run, make_variant
from tests.numbers import numbers_of, open_numbers

pytestmark = pytest.mark.django_db(databases=ALIASES)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def signed_in(client: Client, *roles: Role) -> Client:
    ensure_roles()
    person = User.objects.create_user("person", is_staff=True)
    person.groups.set(Group.objects.filter(name__in=roles))
    client.force_login(person)
    return client


def page_of(client: Client) -> str:
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    return answer.content.decode()


def card(page: str, title: str) -> str:
    found = re.search(rf'<section class="fp-card"><h2>{re.escape(title)}</h2>.*?</section>', page, re.DOTALL)
    assert found is not None, title
    return found[0]


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def busy_day() -> None:
    """Inquiries due on every side of every edge, open and closed, with and without values."""
    for days in (-30, -1, 0, 1, 7, 8):
        for status in ("contacted", "closed_won", "on hold", None):
            value = None if days == 1 else Decimal("100.50")
            make_inquiry(
                contact_name=f"{status} {days}",
                status=status,
                next_action="Call",
                next_action_due_date=day(days),
                estimated_value=value,
            )
    make_inquiry(contact_name="Untouched", status="new", estimated_value=Decimal(900))
    make_inquiry(contact_name="Emptied", status="new", next_action="")
    make_inquiry(contact_name="Planned", status="new", next_action="Write")


def test_every_number_is_what_its_list_comes_to(boss: Client, busy_day: None) -> None:
    make_ab_test()
    numbers = open_numbers(boss, page_of(boss))
    assert [number.value for number in numbers[:8]] == ["6", "603.00", "3", "301.50", "9", "603.00", "2", "900.00"]


def test_sentence_says_the_day_at_one_look(boss: Client, busy_day: None) -> None:
    assert "6 next actions overdue, 3 next actions due today, 2 new inquiries without a plan." in page_of(boss)


def test_day_without_work_says_so(boss: Client) -> None:
    make_inquiry(status="closed_won")
    page = page_of(boss)
    assert "Nothing is overdue, nothing is due today, and every new inquiry has a plan." in page
    assert "Give an inquiry a next action and a date on its page" in card(page, "Overdue")


def test_late_ones_stand_in_the_order_of_their_dates(boss: Client, busy_day: None) -> None:
    late = card(page_of(boss), "Overdue")
    assert late.index("contacted -30") < late.index("contacted -1")
    assert "overdue by 30 days" in late
    assert "closed_won" not in late


def test_week_ends_with_its_seventh_day(boss: Client, busy_day: None) -> None:
    assert boss.get(f"{list_page()}?due=week").content.decode().count('data-rows="9"') == 1
    soon = card(page_of(boss), "Due today or in 7 days")
    assert "contacted 0" in soon
    assert "contacted 8" not in soon


def test_closed_and_planned_ones_are_not_untouched(boss: Client, busy_day: None) -> None:
    new = card(page_of(boss), "New, nothing planned")
    assert "Untouched" in new
    assert "Emptied" in new
    assert "Planned" not in new


def test_longest_in_a_stage_counts_from_the_last_change_of_status(boss: Client) -> None:
    make_inquiry(contact_name="Still", status="contacted", created_at=LONG_AGO + timedelta(days=2))
    moved = make_inquiry(contact_name="Moved", status="contacted", created_at=LONG_AGO)
    moved.status = "qualified"
    moved.save()
    still = card(page_of(boss), "Longest in their stage")
    assert "Still" in still
    assert "Moved" not in still


def test_one_that_stands_still_is_found_behind_many_that_moved(boss: Client) -> None:
    rows = [make_inquiry(status="contacted", created_at=LONG_AGO) for _ in range(201)]
    ConsultationInquiry.objects.filter(pk__in=[row.pk for row in rows]).update(status="qualified")
    make_inquiry(contact_name="Still", status="contacted", created_at=LONG_AGO + timedelta(days=2))
    still = card(page_of(boss), "Longest in their stage")
    assert "Still" in still
    assert "Ada Example" not in still


def test_untouched_ones_stand_once(boss: Client) -> None:
    make_inquiry(contact_name="Untouched", status="new", created_at=LONG_AGO)
    make_inquiry(contact_name="Begun", status="new", created_at=LONG_AGO, next_action="Write")
    still = card(page_of(boss), "Longest in their stage")
    assert "Begun" in still
    assert "Untouched" not in still


def test_hostile_text_is_harmless(boss: Client) -> None:
    make_inquiry(
        contact_name="<script>alert(1)</script>\u202e",
        company="<b>",
        next_action="=1+1\x07<img src=x>",
        next_action_due_date=day(-1),
    )
    make_ab_test(test_name="<script>alert(2)</script>")
    page = page_of(boss)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "\u202e" not in page


def test_done_takes_the_next_action_away_and_offers_to_undo_it(boss: Client) -> None:
    inquiry = make_inquiry(next_action="Call", next_action_due_date=day(-1))
    page = verb(boss, inquiry, "done")
    inquiry.refresh_from_db()
    assert (inquiry.next_action, inquiry.next_action_due_date) == (None, None)
    assert "Ada Example: next action done." in page
    assert ">Undo</a>" in page


def test_page_carries_what_it_showed(boss: Client) -> None:
    inquiry = make_inquiry(next_action="Call\r\nthem", next_action_due_date=day(-1))
    assert f'name="seen" value="{next_action_fingerprint(inquiry)}"' in card(page_of(boss), "Overdue")


@pytest.mark.parametrize("name", ["done", "tomorrow"])
@pytest.mark.parametrize("theirs", [{"next_action": "Write"}, {"next_action_due_date": day(-2)}])
def test_an_action_nobody_saw_is_left_as_it_is(boss: Client, name: str, theirs: dict[str, Any]) -> None:
    inquiry = make_inquiry(next_action="Call", next_action_due_date=day(-1))
    ConsultationInquiry.objects.update(**theirs)

    page = verb(boss, inquiry, name)

    planned = ConsultationInquiry.objects.values("next_action", "next_action_due_date").get()
    assert planned == {"next_action": "Call", "next_action_due_date": day(-1)} | theirs
    assert "The next action of Ada Example was left as it is" in page


@pytest.mark.parametrize(("name", "days"), [("tomorrow", 1), ("week", 7)])
def test_postponed_action_keeps_its_words(name: str, days: int, boss: Client) -> None:
    inquiry = make_inquiry(next_action="Call", next_action_due_date=day(-1))
    verb(boss, inquiry, name)
    inquiry.refresh_from_db()
    assert (inquiry.next_action, inquiry.next_action_due_date) == ("Call", day(days))


def test_unknown_verb_and_deleted_inquiry_change_nothing(boss: Client) -> None:
    inquiry = make_inquiry(next_action="Call", next_action_due_date=day(-1))
    assert "Choose done, tomorrow or in a week." in verb(boss, inquiry, "never")
    inquiry.delete()
    assert "somebody deleted it" in verb(boss, inquiry, "done")
    answer = boss.post(reverse("front-page-next-action"), {"inquiry": "no key", "verb": "done"}, follow=True)
    assert "somebody deleted it" in answer.content.decode()


def test_verbs_take_no_get_and_no_post_without_a_token(boss: Client) -> None:
    assert boss.get(reverse("front-page-next-action")).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="boss"))
    assert strict.post(reverse("front-page-next-action"), {"verb": "done"}).status_code == 403


def test_who_may_only_look_has_no_verbs(client: Client) -> None:
    analyst = signed_in(client, Role.ANALYST)
    inquiry = make_inquiry(next_action="Call", next_action_due_date=day(-1))
    assert "Tomorrow" not in page_of(analyst)
    assert verb_answer(analyst, inquiry, "done") == 403
    inquiry.refresh_from_db()
    assert inquiry.next_action == "Call"


def test_stranger_is_sent_to_the_login(client: Client) -> None:
    for answer in (client.get(reverse("admin:index")), client.post(reverse("front-page-next-action"))):
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("admin:login"))


def test_person_without_a_role_sees_no_number_and_whom_to_ask(client: Client, busy_day: None) -> None:
    page = page_of(signed_in(client))
    assert numbers_of(page) == []
    assert "ask an administrator to give you a role" in page
    assert "Untouched" not in page


@pytest.mark.parametrize("role", list(Role))
def test_every_role_opens_every_number_it_sees(role: Role, client: Client, busy_day: None) -> None:
    make_ab_test()
    person = signed_in(client, role)
    open_numbers(person, page_of(person))


def test_empty_database_leads_to_the_sources(boss: Client) -> None:
    empty = card(page_of(boss), "No inquiries yet")
    assert reverse("admin:legacy_import_importsource_changelist") in empty
    assert reverse("admin:business_core_consultationinquiry_add") in empty


def test_running_tests_say_their_verdict(boss: Client) -> None:
    running = make_ab_test(test_name="Runs", status="active")
    make_ab_test(test_name="Is over", status="completed")
    for shown in (20, 1):
        make_variant(test=running, impressions=shown)
    tests = card(page_of(boss), "A/B tests running")
    assert ">Fix the traffic</a>" in tests
    assert reverse("admin:revenue_abtest_result", args=[running.pk]) in tests
    assert "Is over" not in tests


def test_number_of_queries_is_the_same_for_ten_and_a_hundred_rows(boss: Client) -> None:
    counted = []
    for number in (10, 90):
        for index in range(number):
            make_inquiry(status="contacted", next_action="Call", next_action_due_date=day(index % 9 - 4))
            make_inquiry(status="new", created_at=LONG_AGO)
            make_variant(test=make_ab_test())
        counted.append(queries_of(boss))
    assert counted[0] == counted[1]
    assert counted[0]["default"] <= 40


def queries_of(client: Client) -> dict[str, int]:
    captured = {alias: CaptureQueriesContext(connections[alias]) for alias in ALIASES}
    for context in captured.values():
        context.__enter__()
    page_of(client)
    for context in captured.values():
        context.__exit__(None, None, None)
    return {alias: len(context) for alias, context in captured.items()}


def verb(client: Client, inquiry: ConsultationInquiry, name: str) -> str:
    answer = client.post(reverse("front-page-next-action"), asked(inquiry, name), follow=True)
    assert answer.redirect_chain == [(reverse("admin:index"), 302)]
    return answer.content.decode()


def verb_answer(client: Client, inquiry: ConsultationInquiry, name: str) -> int:
    return client.post(reverse("front-page-next-action"), asked(inquiry, name)).status_code


def asked(inquiry: ConsultationInquiry, name: str) -> dict[str, str]:
    return {"inquiry": str(inquiry.pk), "verb": name, "seen": next_action_fingerprint(inquiry)}


def list_page() -> str:
    return reverse("admin:business_core_consultationinquiry_changelist")


def test_runs_that_were_given_up_are_told_to_who_may_look_at_the_jobs(client: Client) -> None:
    make_job_run(state=JobRun.State.GIVEN_UP)
    operator = card(page_of(signed_in(client, Role.MIGRATION_OPERATOR)), "Waiting for whoever runs the migration")
    assert "1 job run was given up and needs a person" in operator
    assert 'href="/admin/operations/#needs-person"' in operator
    assert 'href="/admin/operations/"' in operator

    User.objects.all().delete()
    assert "/admin/operations/" not in page_of(signed_in(client, Role.SALES))
