"""How the sync and the validation are judged, from what was read."""

from datetime import datetime, timedelta

import pytest

from legacy_import.health.facts import LegacyFacts
from legacy_import.health.parts import stale_data_sentences, sync_readiness, validation_readiness
from synapse.kit.panels.health import Status
from tests.unit.legacy_import.health.sync_facts import sync
from tests.unit.synapse.console.health.standings import NOW, ago

EVERY_QUARTER = "*/15 * * * *"


@pytest.mark.parametrize(
    ("count", "sources"), [(1, "1 source was looked at in time."), (2, "2 sources were looked at in time.")]
)
def test_one_and_many_sources_are_said_as_people_say_them(count: int, sources: str) -> None:
    syncs = tuple(sync(f"source {number}", checked_at=ago(minutes=1)) for number in range(count))

    facts = LegacyFacts(syncs=syncs, sync_cron=EVERY_QUARTER)

    assert sync_readiness(facts, NOW, legacy_is_alive=True).sentence == sources


def test_sync_is_late_where_a_source_was_not_looked_at() -> None:
    syncs = (sync("primary", checked_at=ago(hours=1)), sync("week3", checked_at=ago(minutes=1)))

    part = sync_readiness(LegacyFacts(syncs=syncs, sync_cron="*/15 * * * *"), NOW, legacy_is_alive=True)

    assert (part.status, part.age, part.sentence) == (Status.LATE, timedelta(hours=1), "Not in step: primary.")


@pytest.mark.parametrize("facts", [{"sync_cron": None}, {"sync_cron": "*/15 * * * *", "is_sync_paused": True}])
def test_sync_that_nobody_wants_by_the_clock_is_not_late(facts: dict[str, object]) -> None:
    known = LegacyFacts(syncs=(sync("primary", checked_at=ago(days=9)),), **facts)  # type: ignore[arg-type]

    assert sync_readiness(known, NOW, legacy_is_alive=True).status is Status.OK


def test_once_the_legacy_side_is_switched_off_sync_is_not_late() -> None:
    known = LegacyFacts(syncs=(sync("primary", checked_at=ago(days=9), error="gone"),), sync_cron="*/15 * * * *")

    assert sync_readiness(known, NOW, legacy_is_alive=False).status is Status.OK


@pytest.mark.parametrize(
    ("validated_at", "passed", "passed_at", "status"),
    [
        (None, True, None, Status.OK),
        (ago(hours=26), True, ago(hours=26), Status.OK),
        (ago(hours=26, seconds=1), True, ago(hours=26, seconds=1), Status.LATE),
        (ago(hours=1), False, ago(hours=25), Status.LATE),
    ],
)
def test_the_validation_is_late_when_the_last_pass_is_old_or_the_last_one_failed(
    validated_at: datetime | None, passed_at: datetime | None, status: Status, *, passed: bool
) -> None:
    part = validation_readiness(
        LegacyFacts(validated_at=validated_at, validation_passed=passed, passed_at=passed_at), NOW
    )

    assert part.status is status
    assert part.age == (NOW - passed_at if passed_at else None)


def _said(facts: LegacyFacts, *, legacy_is_alive: bool = True) -> list[str]:
    return stale_data_sentences(facts, NOW, legacy_is_alive=legacy_is_alive)


def test_site_without_any_import_has_nothing_stale() -> None:
    assert _said(LegacyFacts(sync_cron=EVERY_QUARTER)) == []


def test_site_in_step_has_nothing_stale() -> None:
    syncs = (sync("primary", checked_at=ago(minutes=20)),)

    assert _said(LegacyFacts(syncs=syncs, validated_at=ago(hours=9), sync_cron=EVERY_QUARTER)) == []


def test_late_sources_are_named_three_at_most() -> None:
    syncs = tuple(sync(name, checked_at=ago(hours=hours)) for hours, name in enumerate("abcde", start=1))

    assert _said(LegacyFacts(syncs=syncs, sync_cron=EVERY_QUARTER)) == [
        "Legacy changes are missing since 09:00: a, b, c and 2 more."
    ]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            LegacyFacts(validated_at=ago(hours=30)),
            "Nothing has been compared with the legacy files since 08:00 (22 Nov 2026).",
        ),
        (
            LegacyFacts(validated_at=ago(hours=9), validation_passed=False),
            "The validation of 05:00 failed; its report says which checks did not pass.",
        ),
    ],
)
def test_old_and_failed_validations_are_said(facts: LegacyFacts, sentence: str) -> None:
    assert _said(facts) == [sentence]


def test_once_the_legacy_side_is_switched_off_nothing_of_it_is_stale() -> None:
    facts = LegacyFacts(
        syncs=(sync("primary", checked_at=ago(days=9), error="gone"),),
        validated_at=ago(days=9),
        validation_passed=False,
        sync_cron=EVERY_QUARTER,
    )

    assert _said(facts, legacy_is_alive=False) == []
