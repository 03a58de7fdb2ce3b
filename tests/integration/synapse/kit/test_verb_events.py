"""What people take out, bring in, revert and decide is in the log: who, which table, how many rows."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from business_core.models import ConsultationInquiry
from revenue.ab_testing.judged import load_judged_test
from revenue.models import ABTest
from revenue.services.ab_decisions import DecisionRefusedError, confirm_winner
from synapse.kit.change_log.reverting.revert import revert_changes
from tests.factories import MOMENT, make_inquiry, make_post
from tests.integration.revenue.ab_rows import make_won_test, variant_named
from tests.integration.synapse.kit.change_log.logged_rows import mark, since
from tests.integration.synapse.kit.import_export.files import confirm, counts, csv_file, new_inquiry, problems, upload
from tests.log_lines import logged_events, only_event

pytestmark = pytest.mark.django_db(databases=["default", "analytics", "revenue"])


@pytest.fixture
def ann(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("ann"))
    return client


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_says_who_took_how_many_rows_of_which_table(ann: Client, kind: str) -> None:
    for _ in range(3):
        make_post(content="the words of Bob")

    with logged_events() as events:
        answer = ann.get(f"/admin/business_core/post/export/{kind}/")
        assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a stream of whichever kind

    event = only_event(events, "rows.exported")
    assert (event["user"], event["table"], event["rows"], event["format"]) == ("ann", "posts", 3, kind)
    assert event["complete"] is True
    assert event["request_id"] == answer["X-Request-ID"]
    assert "Bob" not in str(events)


def test_an_imported_file_is_logged_with_its_counts(ann: Client) -> None:
    page = upload(ann, ConsultationInquiry, csv_file(new_inquiry("a")))
    assert counts(page) == {"new": 1}, problems(page)

    with logged_events() as events:
        confirm(ann, page)

    event = only_event(events, "file.imported")
    assert (event["user"], event["table"], event["new"]) == ("ann", "consultation_inquiries", 1)


def test_a_revert_is_logged() -> None:
    inquiry, start = make_inquiry(status="new"), mark()
    ConsultationInquiry.objects.filter(pk=inquiry.pk).update(status="contacted")

    with logged_events() as events:
        revert_changes("default", since(start))

    event = only_event(events, "changes.reverted")
    assert (event["database"], event["changed"]) == ("default", {"consultation_inquiries": 1})


def test_a_confirmed_winner_and_a_refused_one_are_logged() -> None:
    test = make_won_test()
    now = MOMENT + timedelta(days=10)
    seen = load_judged_test(ABTest.objects.get(pk=test.pk), now=now).fingerprint
    winner = variant_named(test, "B").pk

    with logged_events() as events:
        confirm_winner(test_id=test.pk, variant_id=winner, seen=seen, now=now)
        with pytest.raises(DecisionRefusedError):
            confirm_winner(test_id=test.pk, variant_id=winner, seen=seen, now=now)

    confirmed = only_event(events, "ab_test.winner_confirmed")
    assert (confirmed["test_id"], confirmed["variant_id"]) == (str(test.pk), str(winner))
    assert only_event(events, "ab_test.winner_confirmed.refused")["level"] == "warning"
