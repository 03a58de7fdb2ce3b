"""Turns the traffic splits that people typed into planned shares of the variants.

`traffic_split` was the control's share, the other variants shared the rest. The legacy files have 0.5 in every test,
which never steered anything; so only a split that a person changed here, and that is still stored, is a plan. The change
log says who changed what; a split that equals what was there before anybody typed is none.
"""

import re
from collections import defaultdict
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import migrations

_DEFAULT = Decimal("0.5")
_CHANGES = """
    SELECT row_key, operation, author, import_run IS NOT NULL, old ->> 'traffic_split', new ->> 'traffic_split'
    FROM change_log
    WHERE table_name = 'ab_tests' AND (operation <> 'update' OR new ? 'traffic_split')
      AND row_key IN (SELECT test_id FROM ab_tests WHERE traffic_split > 0 AND traffic_split < 1)
    ORDER BY id
"""
_VARIANTS = """
    SELECT variant_id, variant_name, position, created_at FROM test_variants WHERE test_id = %s
"""
_KEYS = """
    SELECT target_key, key FROM ledger
    WHERE owns AND source = 'ab_testing' AND legacy_table = 'test_variants'
      AND target_key IN (SELECT variant_id FROM test_variants WHERE test_id = %s)
"""

# With an author, for else the timeline would say that somebody outside the admin did it. It is set within the statement:
# a connection of the program's sets it anew before each statement.
_PLAN = """
    UPDATE test_variants SET planned_share_percent = %s
    WHERE variant_id = %s AND set_config('synapse.author', 'upgrade', true) IS NOT NULL
"""


def plan_typed_splits(_: Any, schema_editor: Any) -> None:
    """Give the variants of each test with a typed split their planned shares."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('change_log') IS NOT NULL, to_regclass('ledger') IS NOT NULL")
        has_log, has_ledger = cursor.fetchone()
        if not has_log:
            return
        typed = _typed_splits(cursor)
        if not typed:
            return
        for test, split in typed.items():
            variants = _variants_in_order(cursor, test, has_ledger=has_ledger)
            for variant, percent in zip(variants, _percents(split, len(variants)), strict=True):
                cursor.execute(_PLAN, [percent, variant])
        cursor.execute("SELECT set_config('synapse.author', '', true)")


def _typed_splits(cursor: Any) -> dict[Any, Decimal]:
    """Return the splits that people typed and that are stored still, by test."""
    cursor.execute(_CHANGES)
    changes = defaultdict(list)
    for test, *change in cursor.fetchall():
        changes[test].append(change)
    cursor.execute("SELECT test_id, traffic_split FROM ab_tests WHERE test_id = ANY(%s)", [list(changes)])
    stored = dict(cursor.fetchall())
    return {test: stored[test] for test in changes if _is_typed(changes[test], stored[test])}


def _is_typed(changes: list[Any], stored: Decimal) -> bool:
    """Say whether the stored split is what a person typed: the latest change is a person's, and it changed something."""
    original: Decimal | None = None
    latest, is_typed, has_original = None, False, False
    for operation, author, is_imported, old, new in changes:
        before, after = (None if value is None else Decimal(value) for value in (old, new))
        if operation == "delete":
            latest = before
            continue
        if operation == "insert" and has_original:
            # A deleted row that was restored: it brings what was there before.
            is_typed = is_typed and after == latest
            latest = after
            continue
        if not has_original:
            # A person's form was filled with the default; what anybody else inserted is what was there.
            inserted = _DEFAULT if author else after
            original, has_original = (inserted if operation == "insert" else before), True
        if is_imported:
            original = after
        is_typed = bool(author) and not is_imported and after != original
        latest = after
    return is_typed and latest == stored


def _variants_in_order(cursor: Any, test: Any, *, has_ledger: bool) -> list[Any]:
    """Return the test's variants, the control first: by position, creation, legacy key and name."""
    keys: dict[Any, str] = {}
    if has_ledger:
        cursor.execute(_KEYS, [test])
        keys = dict(cursor.fetchall())
    cursor.execute(_VARIANTS, [test])

    def place(row: Any) -> Any:
        variant, name, position, created_at = row
        parts = filter(None, re.split(r"(\d+)", keys.get(variant, "")))
        natural = [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
        moment = created_at.timestamp() if created_at else float("inf")
        return position is None, position or 0, moment, not natural, natural, name, variant

    return [row[0] for row in sorted(cursor.fetchall(), key=place)]


def _percents(split: Decimal, variants: int) -> list[Decimal]:
    """Return the control's percent and those of the others, to two decimals and 100 together."""
    if variants < 2:  # noqa: PLR2004  # a comparison needs two
        return [None] * variants  # type: ignore[list-item]  # a lone variant shares with nobody
    control = split * 100
    other = ((100 - control) / (variants - 1)).quantize(Decimal("0.01"), ROUND_DOWN)
    if other <= 0:
        return [None] * variants  # type: ignore[list-item]  # more variants than hundredths of a percent
    return [control, *[other] * (variants - 2), 100 - control - other * (variants - 2)]


class Migration(migrations.Migration):
    dependencies = [
        ("revenue", "0008_planned_shares"),
    ]

    # Backward: the column goes with 0008, and `traffic_split` was never changed.
    operations = [
        migrations.RunPython(
            plan_typed_splits, migrations.RunPython.noop, hints={"databases": ["revenue"]}, elidable=False
        ),
    ]
