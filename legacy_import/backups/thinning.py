"""Thinning: of the older snapshots one an hour, of the still older ones one a day; called by pruning.

A file that a script writes every quarter of an hour would else keep a hundred copies a day. What is kept of an hour or
a day is its last state; a state that lasted longer than that is never redundant, for no later one shares its hour or
day.
"""

from collections.abc import Callable, Hashable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.utils import timezone

from legacy_import.backups.backup_kind import BackupT
from legacy_import.backups.catalogue import Catalogue
from legacy_import.backups.checking import check_backup
from legacy_import.backups.kept_backup import KeptBackup


@dataclass(frozen=True, slots=True)
class Thinning:
    """How long all are kept, and how long one an hour; then it is one a day. Up to and including that age."""

    all_for: timedelta
    hourly_for: timedelta

    def slot_of(self, age: timedelta) -> Callable[[datetime], Hashable] | None:
        """Return what tells the hour or day of which one is kept at that age; None where all are."""
        if age <= self.all_for:
            return None
        return _hour_of if age <= self.hourly_for else _day_of


def redundant_backups(
    catalogue: Catalogue[BackupT], thinning: Thinning, *, now: datetime, needed: AbstractSet[str]
) -> Iterator[BackupT]:
    """Yield the backups of whose hour or day a later sound one is kept.

    Never one that is needed, that a restore took of what it replaced, or whose manifest can't be read. The age counts
    from when the original was last seen in that state.
    """

    @cache
    def is_sound(backup: BackupT) -> bool:
        finding = check_backup(catalogue.kind, backup)
        return finding is None or finding.is_faithful

    for position, backup in enumerate(catalogue.backups):
        slot_of = thinning.slot_of(now - backup.last_seen_at)
        if slot_of is None or not _may_go(backup, needed):
            continue
        slot = slot_of(backup.taken_at)
        # The last of the hour or day comes first. It is kept: what is later is thinned by the hour at most where this
        # one is by the day.
        later = (one for one in catalogue.backups[:position] if slot_of(one.taken_at) == slot)
        if any(map(is_sound, later)):
            yield backup


def _may_go(backup: KeptBackup[Any], needed: AbstractSet[str]) -> bool:
    manifest = backup.manifest
    return (
        manifest is not None
        and manifest.sha256 not in needed
        and not backup.is_before_restore
        and backup.path.is_file()
    )


def _hour_of(moment: datetime) -> Hashable:
    # By the seconds: where the clock shows an hour twice, these are two.
    return int(moment.timestamp()) // 3600


def _day_of(moment: datetime) -> Hashable:
    return timezone.localtime(moment).date()
