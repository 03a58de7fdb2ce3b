"""A cron expression as a person would say it."""

from datetime import UTC, datetime

import pytest
from django_q.models import Schedule

from synapse.kit.jobs.cron_descriptions import describe_cron, describe_schedule


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("*/15 * * * *", "every 15 minutes"),
        ("* * * * *", "every minute"),
        ("*/10 6-22 * * *", "every 10 minutes from 06:00 to 22:59"),
        ("*/5 9 * * *", "every 5 minutes from 09:00 to 09:59"),
        ("0 * * * *", "every hour"),
        ("20 * * * *", "every hour at 20 past"),
        ("5 */3 * * *", "every 3 hours at 5 past"),
        ("0 6-22/4 * * *", "every 4 hours from 06:00 to 22:00"),
        ("30 6-22/5 * * *", "every 5 hours from 06:30 to 21:30"),
        ("0 9-17 * * 1-5", "Mondays to Fridays, every hour from 09:00 to 17:00"),
        ("30 2 * * *", "daily at 02:30"),
        ("0 6,12,18 * * *", "daily at 06:00, 12:00 and 18:00"),
        ("0 8 * * 1-5", "Mondays to Fridays at 08:00"),
        ("15 3 * * 0", "Sundays at 03:15"),
        ("15 3 * * 1,4,7", "Mondays, Thursdays and Sundays at 03:15"),
        ("0 4 1 * *", "on day 1 of each month at 04:00"),
        ("0 4 1 6 *", "at the times of cron 0 4 1 6 *"),
        ("0 4 1 * 1", "at the times of cron 0 4 1 * 1"),
        ("1-5 4 * * *", "at the times of cron 1-5 4 * * *"),
        ("0 0/0 * * *", "at the times of cron 0 0/0 * * *"),
        ("@daily", "at the times of cron @daily"),
        ("", "at the times of cron "),
    ],
)
def test_expression_reads_as_a_person_says_it(cron: str, words: str) -> None:
    assert describe_cron(cron) == words


def test_schedule_of_another_kind_says_its_kind() -> None:
    due = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)

    assert describe_schedule(Schedule(schedule_type=Schedule.DAILY, next_run=due)) == "daily at 02:30"
    assert describe_schedule(Schedule(schedule_type=Schedule.MINUTES, minutes=7)) == "every 7 minutes"
    assert describe_schedule(Schedule(schedule_type=Schedule.CRON, cron="0 3 * * *")) == "daily at 03:00"
