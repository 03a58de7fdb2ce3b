"""The sync and the validation judged: as parts of readiness, and as sentences of the line about stale data."""

from datetime import datetime
from typing import Final

from legacy_import.health.facts import LegacyFacts
from legacy_import.health.lateness import VALIDATION_LATE_AFTER, is_sync_scheduled, late_syncs, sync_lateness_limit
from legacy_import.jobs import SYNC_LEGACY
from synapse.foundation.text.time_formats import format_time_and_date
from synapse.kit.panels.health import Part, Status, elapsed_since

_MAX_NAMED: Final = 3


def sync_readiness(facts: LegacyFacts, now: datetime, *, legacy_is_alive: bool) -> Part:
    """Judge how long ago the legacy files were last looked at; once these are switched off, nothing is late."""
    age = elapsed_since(min((sync.checked_at for sync in facts.syncs), default=None), now)
    if not legacy_is_alive:
        return Part("sync", Status.OK, "The legacy side is switched off (LEGACY_IS_ALIVE=off).")
    if not facts.syncs:
        return Part("sync", Status.OK, "No source has been imported yet.")
    if not is_sync_scheduled(facts):
        return Part("sync", Status.OK, f"The job {SYNC_LEGACY.name} is paused or has no schedule.", age)
    late = late_syncs(facts.syncs, limit=sync_lateness_limit(facts.sync_cron or "", now), now=now)
    if late:
        return Part("sync", Status.LATE, f"Not in step: {', '.join(sync.source for sync in late)}.", age)
    sources = "1 source was" if len(facts.syncs) == 1 else f"{len(facts.syncs)} sources were"
    return Part("sync", Status.OK, f"{sources} looked at in time.", age)


def validation_readiness(facts: LegacyFacts, now: datetime) -> Part:
    """Judge the age of the last validation that passed; before the first one nothing is late."""
    age = elapsed_since(facts.passed_at, now)
    if facts.validated_at is None:
        return Part("validation", Status.OK, "Nothing has been validated yet.")
    if not facts.validation_passed:
        return Part("validation", Status.LATE, "The last validation failed.", age)
    is_late = age is not None and age > VALIDATION_LATE_AFTER
    return Part("validation", Status.LATE if is_late else Status.OK, "The last validation passed.", age)


def stale_data_sentences(facts: LegacyFacts, now: datetime, *, legacy_is_alive: bool) -> list[str]:
    """Return a sentence for each reason why pages may show old legacy data; none once the legacy side is off."""
    if not legacy_is_alive:
        return []
    return [
        sentence for sentence in (_stale_sync_sentence(facts, now), _stale_validation_sentence(facts, now)) if sentence
    ]


def _stale_sync_sentence(facts: LegacyFacts, now: datetime) -> str:
    if not is_sync_scheduled(facts):
        return ""
    late = late_syncs(facts.syncs, limit=sync_lateness_limit(facts.sync_cron or "", now), now=now)
    if not late:
        return ""
    # The oldest of them: until then everything was here.
    since = min(sync.in_step_at or sync.checked_at for sync in late)
    more = f" and {len(late) - _MAX_NAMED} more" if len(late) > _MAX_NAMED else ""
    names = ", ".join(sync.source for sync in late[:_MAX_NAMED])
    return f"Legacy changes are missing since {format_time_and_date(since, now)}: {names}{more}."


def _stale_validation_sentence(facts: LegacyFacts, now: datetime) -> str:
    if facts.validated_at is None:
        return ""
    validated = format_time_and_date(facts.validated_at, now)
    if not facts.validation_passed:
        return f"The validation of {validated} failed; its report says which checks did not pass."
    if now - facts.validated_at > VALIDATION_LATE_AFTER:
        return f"Nothing has been compared with the legacy files since {validated}."
    return ""
