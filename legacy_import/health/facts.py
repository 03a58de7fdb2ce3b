"""What the tables say of the sync and of validation, read as part of the console's one query for health facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django_q.models import Schedule

from legacy_import.jobs import SYNC_LEGACY
from legacy_import.models import SourceSync, SourceWithdrawal, ValidationRun
from synapse.kit.jobs.messages import TICK_NAMES
from synapse.kit.jobs.models import JobPause

# Times leave PostgreSQL as ISO texts inside the JSON; LegacyFacts.from_json reads them.
FACTS_SQL: Final = f"""
    json_build_object(
        'syncs', (SELECT json_agg(json_build_array(source, checked_at, in_step_at, error) ORDER BY source)
                  FROM {SourceSync._meta.db_table} AS s
                  WHERE NOT EXISTS (SELECT FROM {SourceWithdrawal._meta.db_table} AS w
                                    WHERE w.source = s.source AND w.taken_back_at IS NULL)),
        'validation', (SELECT json_build_array(begun_at, passed) FROM {ValidationRun._meta.db_table}
                       ORDER BY begun_at DESC LIMIT 1),
        'passed_at', (SELECT begun_at FROM {ValidationRun._meta.db_table} WHERE passed
                      ORDER BY begun_at DESC LIMIT 1),
        'sync_cron', (SELECT coalesce(cron, '') FROM {Schedule._meta.db_table}
                      WHERE func = ANY(%(legacy_import_ticks)s) AND args = %(legacy_import_sync_arguments)s
                        AND repeats <> 0
                      ORDER BY id LIMIT 1),
        'is_sync_paused', EXISTS (SELECT FROM {JobPause._meta.db_table} WHERE job = %(legacy_import_sync_job)s)
    )
"""
FACTS_PARAMETERS: Final[Mapping[str, Any]] = {
    "legacy_import_ticks": list(TICK_NAMES),
    "legacy_import_sync_arguments": repr((SYNC_LEGACY.name,)),
    "legacy_import_sync_job": SYNC_LEGACY.name,
}


@dataclass(frozen=True, slots=True)
class SyncFacts:
    """What SourceSync says of one source."""

    source: str
    checked_at: datetime
    in_step_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class LegacyFacts:
    """What the tables say.

    `validated_at` and `validation_passed` are of the last validation, `passed_at` is of the last one that passed; None
    where there was none. `sync_cron` is None where no schedule brings legacy changes in, empty where it is no cron.
    """

    syncs: tuple[SyncFacts, ...] = ()
    validated_at: datetime | None = None
    validation_passed: bool = True
    passed_at: datetime | None = None
    sync_cron: str | None = None
    is_sync_paused: bool = False

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "LegacyFacts":
        """Return the facts from what FACTS_SQL gave."""
        validated_at, passed = found["validation"] or (None, True)
        return cls(
            syncs=tuple(
                SyncFacts(source, datetime.fromisoformat(checked_at), _parse_moment(in_step_at), error)
                for source, checked_at, in_step_at, error in found["syncs"] or ()
            ),
            validated_at=_parse_moment(validated_at),
            validation_passed=passed,
            passed_at=_parse_moment(found["passed_at"]),
            sync_cron=found["sync_cron"],
            is_sync_paused=found["is_sync_paused"],
        )


def _parse_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
