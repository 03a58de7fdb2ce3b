"""When a look at the legacy files is late: three of the schedule's intervals."""

from datetime import timedelta

import pytest

from legacy_import.health.lateness import late_syncs, sync_lateness_limit
from tests.unit.legacy_import.health.sync_facts import sync
from tests.unit.synapse.console.health.standings import NOW, ago


@pytest.mark.parametrize(
    ("cron", "limit"),
    [
        ("*/15 * * * *", timedelta(minutes=45)),
        ("0 * * * *", timedelta(hours=3)),
        ("30 2 * * *", timedelta(days=3)),
        ("", timedelta(days=3)),
        ("every now and then", timedelta(days=3)),
    ],
)
def test_three_intervals_of_the_schedule_are_late(cron: str, limit: timedelta) -> None:
    assert sync_lateness_limit(cron, NOW) == limit


def test_a_source_is_late_once_the_limit_is_past_or_its_look_went_wrong() -> None:
    syncs = [
        sync("in time", checked_at=ago(minutes=45)),
        sync("late", checked_at=ago(minutes=45, seconds=1)),
        sync("failed", checked_at=ago(minutes=1), error="gone"),
    ]

    assert [one.source for one in late_syncs(syncs, limit=timedelta(minutes=45), now=NOW)] == ["late", "failed"]
