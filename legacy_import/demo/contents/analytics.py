"""Patterns, basic post analytics and attribution.

Two of the five patterns reach `top_performing_patterns` (confidence 0.85 and a sample of 10): in the specification's
view, the fifth by way of 0.8999999999999999, which is 0.9.
"""

import json
from typing import Final

from legacy_import.demo.clock import Clock, Moment
from legacy_import.demo.contents.week import WEEKS_AGO
from legacy_import.demo.rows import Cell, TableRows, seeded_random, table_rows

_HOOKS: Final = (
    ("postmortem_story", "Tell of one incident from its first minute; end with what was changed."),
    ("numbered_checklist", "Lists of five to seven items are saved most often. Keep each to one line."),
    ("contrarian_claim", "Say it in the first line and bring the evidence in the second."),
    ("before_and_after", "Show the old way and the new way side by side; name the cost of both."),
    ("open_question", "Ask what people stopped doing. It draws longer comments than what they do."),
)
_HEADLINE: Final = "New Quarter, Fewer Dashboards"
_WEEK_FIGURES: Final[dict[str, Cell]] = {
    "theme": "Fewer, Better Signals",
    "total_posts": 1,
    "total_views": 1310,
    "total_engagement": 88,
    "avg_engagement_rate": 0.0672,
    "total_profile_views": 38,
    "total_connections": 4,
    "total_inquiries": 1,
    "best_performing_post": _HEADLINE,
    "best_engagement_rate": 0.0672,
    "optimal_posting_time": "6:30 AM",
}
_CONTENT_ID: Final = "content_release_train"
_CONVERSION_VALUE: Final = 2500.0
_TOUCHPOINTS: Final = (
    ("linkedin", "impression"),
    ("linkedin", "click"),
    ("linkedin", "engagement"),
    ("twitter", "impression"),
    ("twitter", "engagement"),
    ("newsletter", "impression"),
    ("newsletter", "click"),
    ("newsletter", "conversion"),
)


def performance_tables(clock: Clock) -> list[TableRows]:
    """Return five patterns whose confidence climbs in steps of 0.05, noise and all."""
    rows: list[dict[str, Cell]] = [
        {
            "pattern_id": f"pattern_{number}",
            "pattern_type": "hook_type",
            "pattern_value": value,
            "avg_engagement_rate": (8 + number) / 100,
            "avg_consultation_conversion": (40 + 10 * number) / 2000,
            "sample_size": 10 + number,
            "confidence_score": 0.7 + number * 0.05,
            "recommendation": recommendation,
            "identified_at": clock.days_before_today(4, "10:09:09").utc_text,
        }
        for number, (value, recommendation) in enumerate(_HOOKS)
    ]
    return [table_rows("content_patterns", rows)]


def content_tables(clock: Clock) -> list[TableRows]:
    """Return the one post and the one week that the basic tracker ever saw."""
    monday = clock.days_before_today(clock.days_since_monday(WEEKS_AGO + 1), "06:30")
    created_at = clock.days_before_today(42, "22:42:51").utc_text
    post: dict[str, Cell] = {
        "post_id": f"{monday.local_date}-monday",
        "date": monday.local_date,
        "day_of_week": "Monday",
        "content_type": "Delivery Leadership",
        "signature_series": "Scaling Notes",
        "headline": _HEADLINE,
        "platform": "LinkedIn",
        "posting_time": "6:30 AM",
        "views": 1310,
        "likes": 51,
        "comments": 14,
        "shares": 6,
        "saves": 17,
        "engagement_rate": 0.0672,
        "profile_views": 38,
        "connection_requests": 4,
        "consultation_inquiries": 1,
        "created_at": created_at,
    }
    week: dict[str, Cell] = {
        "week_number": monday.at.isocalendar().week,
        "start_date": monday.local_date,
        "quarter": f"Q{(monday.at.month + 2) // 3}",
        **_WEEK_FIGURES,
        "created_at": created_at,
    }
    return [table_rows("posts", [post]), table_rows("weekly_performance", [week])]


def attribution_tables(clock: Clock, *, seed: int) -> list[TableRows]:
    """Return one visitor's eight steps, walked twice, and the path that the second walk completed."""
    starts = [clock.days_before_today(4, at, microseconds=351_571) for at in ("14:24:49", "14:25:04")]
    visitor, session = f"user_{seeded_random(seed, 'visitor').randint(100, 999)}", f"session_{seed % 1000:03}"
    touches = [_touchpoint_row(start, step, visitor, session) for start in starts for step in range(len(_TOUCHPOINTS))]
    path: dict[str, Cell] = {
        "path_id": f"path_{visitor}_{_CONTENT_ID}_{starts[1].key_stamp()}",
        "user_id": visitor,
        "content_id": _CONTENT_ID,
        "touchpoints": json.dumps(
            [
                {
                    **{name: touch[name] for name in ("platform", "touchpoint", "timestamp", "value")},
                    "metadata": json.loads(str(touch["metadata"])),
                }
                for touch in touches
            ]
        ),
        "conversion_value": _CONVERSION_VALUE,
        "conversion_type": "consultation",
        "journey_start": starts[0].utc_text,
        "journey_end": starts[1].utc_text,
        "attribution_weights": json.dumps({"linkedin": 7 / 255, "newsletter": 56 / 255, "twitter": 192 / 255}),
    }
    return [table_rows("attribution_tracking", touches), table_rows("conversion_paths", [path], first_rowid=8)]


def _touchpoint_row(start: Moment, step: int, visitor: str, session: str) -> dict[str, Cell]:
    platform, touchpoint = _TOUCHPOINTS[step]
    written = start.shifted_by(microseconds=731 * step)
    converted = touchpoint == "conversion"
    return {
        "tracking_id": f"attr_{platform}_{touchpoint}_{written.key_stamp('%Y%m%d%H%M%S%f')}",
        "content_id": _CONTENT_ID,
        "platform": platform,
        "touchpoint": touchpoint,
        "user_id": visitor,
        "session_id": session,
        "timestamp": written.utc_text,
        "value": _CONVERSION_VALUE if converted else 0.0,
        "metadata": json.dumps({"conversion_type": "consultation" if converted else None}),
        "processed": 0,
    }
