"""The steps in which settlements were made: what one press of a button decided, about one row or ten thousand.

All settlements of a step have one author, one table and one moment, the transaction's statement that made them. The
page of decisions lists steps, so that a large one is one line, and can be withdrawn as it was made: at once.
"""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.db import connections

from legacy_import.admin.quarantine.decisions import Decision, select_decisions

_SAME_STEP: Final = "settled_at, settled_by, source, legacy_table, kind"

# A decision that nobody withdrew stands for its step, where there is one.
_STEPS_SQL: Final = f"""
    SELECT (array_agg(id ORDER BY withdrawn_at IS NOT NULL, key, id))[1] AS one, count(*) AS decisions,
           count(*) FILTER (WHERE withdrawn_at IS NULL) AS held, max(settled_at) AS at
    FROM settlement GROUP BY {_SAME_STEP}
"""
_OF_STEP_SQL: Final = f"({_SAME_STEP}) = (SELECT {_SAME_STEP} FROM settlement WHERE id = %s)"


def read_steps(alias: str, *, start: int, most: int) -> list[Decision]:
    """Return one decision of each step, the latest first, with how many the step made and how many still hold."""
    statement = f"SELECT one, decisions, held FROM ({_STEPS_SQL}) AS s ORDER BY at DESC, one OFFSET %s LIMIT %s"
    found = {one: (int(size), int(held)) for one, size, held in _fetch_rows(alias, statement, [start, most])}
    decisions = {one.id: one for one in select_decisions(alias, "id = ANY(%s)", [list(found)], start=0, most=most)}
    return [
        replace(decisions[one], in_step=size, held_in_step=held)
        for one, (size, held) in found.items()
        if one in decisions
    ]


def count_steps(alias: str) -> int:
    """Return how many steps there were."""
    return int(
        _fetch_rows(alias, f"SELECT count(*) FROM (SELECT FROM settlement GROUP BY {_SAME_STEP}) AS s", [])[0][0]
    )


def read_decisions_of_step(alias: str, one: UUID, *, start: int, most: int) -> list[Decision]:
    """Return the decisions of the step that made this one."""
    return select_decisions(alias, _OF_STEP_SQL, [one], start=start, most=most)


def count_decisions_of_step(alias: str, one: UUID) -> tuple[int, int]:
    """Return how many decisions the step made, and how many nobody withdrew."""
    counted = "SELECT count(*), count(*) FILTER (WHERE withdrawn_at IS NULL) FROM settlement"
    size, held = _fetch_rows(alias, f"{counted} WHERE {_OF_STEP_SQL}", [one])[0]
    return int(size), int(held)


def read_held_decision_ids(alias: str, one: UUID) -> list[UUID]:
    """Return the ids of the step's decisions that nobody withdrew."""
    found = _fetch_rows(
        alias, f"SELECT id FROM settlement WHERE withdrawn_at IS NULL AND {_OF_STEP_SQL} ORDER BY id", [one]
    )
    return [held for (held,) in found]


def _fetch_rows(alias: str, statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
