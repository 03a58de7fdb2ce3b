"""A/B tests: three kinds, started three times, four variants each, three assignments.

The oldest three are completed. As at the source, the stored rates are what an integer division leaves of them, and
sample_size counts posts, not impressions; winning_variant holds a variant's key, not its name.
"""

import json
from dataclasses import dataclass
from typing import Final

from legacy_import.demo.clock import Clock, Moment
from legacy_import.demo.contents.week import post_key
from legacy_import.demo.rows import Cell, TableRows, seeded_random, table_rows


@dataclass(frozen=True, slots=True)
class Experiment:
    """One kind of test and the names of its variants; lifts: consultations per thousand impressions, by variant."""

    element: str
    name: str
    hypothesis: str
    metric: str
    minimum_sample_size: int
    variants: tuple[str, str, str, str]
    lifts: tuple[int, int, int, int]
    winner: int | None


_EXPERIMENTS: Final = (
    Experiment(
        "hook", "Opening Line for Inquiries", "An incident in the first line brings 25%+ more inquiries than a claim",
        "consultation_requests", 200, ("Incident", "Number", "Confession", "Dare"), (14, 6, 7, 6), 0,
    ),
    Experiment(
        "cta", "Closing Line for Consultations", "A date in the closing line brings 30%+ more requests than none",
        "consultation_requests", 150, ("Plain Ask", "Offer", "Two Dates", "Soft Question"), (5, 6, 11, 5), 2,
    ),
    Experiment(
        "timing", "Time of Day for Engagement", "6:30 AM on Tuesday brings 40%+ more engagement than lunch time",
        "engagement_rate", 300, ("Early (6:30 AM)", "Desk (8:00 AM)", "Coffee (9:30 AM)", "Lunch (12:30 PM)"),
        (6, 6, 5, 6), None,
    ),
)  # fmt: skip
_RUNS: Final = ((45, "20:00:47"), (20, "20:05:13"), (1, "08:37:46"))
"""Days ago and local time of the three starts."""
_IMPRESSIONS: Final = (4_200, 900, 0)
"""About how many impressions each variant of a run has had."""
_DAYS_TO_COMPLETE: Final = 21
_ASSIGNED_VARIANTS: Final = (1, 4, 1)


def ab_testing_tables(clock: Clock, *, seed: int) -> list[TableRows]:
    """Return 9 tests, 36 variants, 3 assignments."""
    runs = [clock.days_before_today(days, at) for days, at in _RUNS]
    plan = [(run, kind) for run in range(len(runs)) for kind in range(len(_EXPERIMENTS))]
    tests = [_test_row(runs[run], run=run, kind=kind) for run, kind in plan]
    variants = [
        _variant_row(runs[run], run=run, kind=kind, number=number, seed=seed)
        for run, kind in plan
        for number in range(4)
    ]
    post = post_key(clock, 0)
    assignments: list[dict[str, Cell]] = [
        {
            "assignment_id": f"assign_{_test_key(started, 0)}_{post}_{started.key_stamp()}",
            "test_id": _test_key(started, 0),
            "variant_id": f"{_test_key(started, 0)}_variant_{variant}",
            "post_id": post,
            "assigned_at": started.utc_text,
        }
        for started, variant in zip(runs, _ASSIGNED_VARIANTS, strict=True)
    ]
    return [
        table_rows("ab_tests", tests),
        table_rows("test_variants", variants),
        table_rows("test_assignments", assignments),
    ]


def _test_key(started: Moment, kind: int) -> str:
    return f"{_EXPERIMENTS[kind].element}_test_{started.key_stamp('%Y%m%d_%H%M%S')}"


def _is_completed(run: int) -> bool:
    return run == 0


def _test_row(started: Moment, *, run: int, kind: int) -> dict[str, Cell]:
    experiment, key = _EXPERIMENTS[kind], _test_key(started, kind)
    won = _is_completed(run) and experiment.winner is not None
    return {
        "test_id": key,
        "test_name": experiment.name,
        "hypothesis": experiment.hypothesis,
        "element_type": experiment.element,
        "start_date": started.shifted_by(microseconds=930_332 + 2_487 * kind).local_text,
        "end_date": started.shifted_by(days=_DAYS_TO_COMPLETE).local_text if _is_completed(run) else None,
        "status": "completed" if _is_completed(run) else "active",
        "traffic_split": 0.5,
        "minimum_sample_size": experiment.minimum_sample_size,
        "confidence_threshold": 0.95,
        "winning_variant": f"{key}_variant_{experiment.winner + 1}" if won and experiment.winner is not None else None,
        "improvement_rate": 0.25 + 0.1 * kind if won else 0.0,
        "statistical_significance": 0.97 if won else 0.0,
        "created_at": started.utc_text,
    }


def _variant_row(started: Moment, *, run: int, kind: int, number: int, seed: int) -> dict[str, Cell]:
    experiment, key = _EXPERIMENTS[kind], _test_key(started, kind)
    name = experiment.variants[number]
    if experiment.element == "timing":
        content = json.dumps({"name": name, "days": ["Tuesday", "Thursday"], "hypothesis": experiment.hypothesis})
    else:
        template = f"🧭 {name.upper()}: {{topic}}? Here's what it cost us and what we do now..."
        content = json.dumps({"name": name, "template": template, "example": template.format(topic="Friday releases")})
    random = seeded_random(seed, f"variant {run} {kind} {number}")
    # Wider than this, the variants would get traffic that chance doesn't give: a sample ratio mismatch.
    impressions = _IMPRESSIONS[run] + random.randint(0, _IMPRESSIONS[run] // 20)
    won = _is_completed(run) and experiment.winner == number
    actions = impressions * random.randint(30, 70) // 1000
    consultations = impressions * experiment.lifts[number] // 1000
    return {
        "variant_id": f"{key}_variant_{number + 1}",
        "test_id": key,
        "variant_name": name,
        "element_type": experiment.element,
        "content": content,
        "expected_metric": experiment.metric,
        "impressions": impressions,
        "engagement_actions": actions,
        "consultation_requests": consultations,
        "engagement_rate": float(actions // impressions) if impressions else 0.0,
        "consultation_conversion": float(consultations // impressions) if impressions else 0.0,
        "sample_size": impressions // 1000,
        "confidence_level": 0.97 if won else 0.0,
        "is_winner": 1 if won else 0,
        "created_at": started.utc_text,
    }
