"""Two contents of the primary and what PostgreSQL holds after each: the ground for faults of an import that updates.

What lives here: making them, and going from one to the other. What does not: any fault.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.legacy_import.ground import Ground
from tests.legacy_files import change


@dataclass(frozen=True, slots=True)
class Version:
    """One content of the legacy file, and what PostgreSQL holds after its import."""

    file: Path
    fingerprint: dict[str, Any]


@dataclass(slots=True)
class Versions:
    """What PostgreSQL holds now, and what the next import brings."""

    ground: Ground
    now: Version
    to_come: Version

    def bring(self) -> None:
        """Put the next content in the live file's place."""
        shutil.copyfile(self.to_come.file, self.ground.primary)

    def arrived(self) -> None:
        """Note that the next content is in: the other one is the next now."""
        self.now, self.to_come = self.to_come, self.now


def made_versions(ground: Ground) -> Versions:
    """Import two contents in turn: rows changed, rows gone, rows come, a column more and one less."""
    old, new = ground.legacy_dir.parent / "old.db", ground.legacy_dir.parent / "new.db"
    shutil.copyfile(ground.primary, old)
    change(old, "DELETE FROM consultation_inquiries WHERE rowid % 10 = 3")
    shutil.copyfile(ground.primary, new)
    for statement in (
        "UPDATE consultation_inquiries SET estimated_value = estimated_value + 1 WHERE rowid % 10 = 0",
        "UPDATE linkedin_posts SET likes = likes + 1 WHERE rowid % 10 = 0",
        "DELETE FROM consultation_inquiries WHERE rowid % 10 = 1",
        "ALTER TABLE consultation_inquiries ADD COLUMN mood TEXT",
        "UPDATE consultation_inquiries SET mood = 'fine' WHERE rowid % 10 = 2",
        "UPDATE old_note SET note = 'changed'",
    ):
        change(new, statement)
    # The first turn is another than all later ones: no row has ever gone.
    _imported(ground, old)
    _imported(ground, new)
    old_version, new_version = _imported(ground, old), _imported(ground, new)
    assert old_version.fingerprint != new_version.fingerprint
    return Versions(ground, now=new_version, to_come=old_version)


def _imported(ground: Ground, file: Path) -> Version:
    shutil.copyfile(file, ground.primary)
    ground.import_legacy()
    return Version(file, ground.fingerprint())
