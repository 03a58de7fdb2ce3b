"""Choosing between diverging values in tests, and looking at what came of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connections

from business_core.models import Post
from legacy_import.models import Divergence
from legacy_import.pipeline.divergence.target_rows import read_target_rows
from legacy_import.services import (
    ShownDivergence,
    divergence_token,
    keep_current_values,
    take_other_values,
    undo_choice,
)
from tests.imports import execute, rows
from tests.legacy_files import PRIMARY, change

NOW = datetime(2025, 9, 3, 12, 0, tzinfo=UTC)


def told(alias: str = "default", **conditions: Any) -> Divergence:
    """Return the one divergence that meets the conditions."""
    return Divergence.objects.using(alias).get(**conditions)


def shown(*divergences: Divergence) -> list[ShownDivergence]:
    """Return the divergences as a page loaded now would show them."""
    places = {(one.target_table, one.target_key) for one in divergences}
    alias = divergences[0]._state.db
    assert alias
    with connections[alias].cursor() as cursor:
        here = read_target_rows(cursor, places)
    return [
        ShownDivergence(one.pk, divergence_token(one, here.get((one.target_table, one.target_key), {}).get(one.column)))
        for one in divergences
    ]


def take_other(*divergences: Divergence, by: str = "sofia", now: datetime = NOW) -> None:
    take_other_values(str(divergences[0]._state.db), shown(*divergences), author=by, now=now)
    refresh(*divergences)


def keep(*divergences: Divergence, by: str = "sofia") -> None:
    keep_current_values(str(divergences[0]._state.db), shown(*divergences), author=by, now=NOW)
    refresh(*divergences)


def undo(*divergences: Divergence, by: str = "ben") -> None:
    undo_choice(str(divergences[0]._state.db), shown(*divergences), author=by)
    refresh(*divergences)


def refresh(*divergences: Divergence) -> None:
    for one in divergences:
        one.refresh_from_db()


def forget_stages() -> None:
    """Drop what an import left for the end of its transaction: a test's own goes on."""
    for alias in ("default", "analytics", "revenue"):
        if connections[alias].in_atomic_block:
            execute(alias, "DISCARD TEMP")


def set_post(path: Path, post: Post, column: str, value: object) -> None:
    change(path, f"UPDATE linkedin_posts SET {column} = ? WHERE post_id = ?", value, post.external_post_id)


def set_inquiry(legacy_dir: Path, key: str, column: str, value: object) -> None:
    change(legacy_dir / PRIMARY, f"UPDATE consultation_inquiries SET {column} = ? WHERE inquiry_id = ?", value, key)


def log(alias: str = "default") -> list[tuple[Any, ...]]:
    """Return what was changed here by whom, oldest first."""
    return rows(alias, "SELECT author, old, new FROM change_log WHERE import_run IS NULL ORDER BY id")
