"""The legacy tables that repeat each other's rows, and what may stand in their cells: good, odd and broken.

What lives here: data. What does not: the operations drawn from it (overlapping_files).
"""

from collections.abc import Mapping
from dataclasses import dataclass

PERFORMANCE = ("performance", "performance_optimized", "performance_cross_platform")

POST_KEYS = tuple(f"post-{number}" for number in range(6))
INQUIRY_KEYS = tuple(f"inquiry-{number}" for number in range(6))
PARENTS = (*POST_KEYS, "no-such-post", "", None)
MONTHS = ("2025-07", "2025-08")


@dataclass(frozen=True, slots=True)
class Kind:
    """A legacy table to disturb: its key, the columns to set, and what may stand in each."""

    source: str
    table: str
    keys: tuple[str | None, ...]
    key: str
    fixed: Mapping[str, object]
    choices: Mapping[str, tuple[object, ...]]


_COUNTERS = (0, 1, 2, 3, None, "many", 3_000_000_000)
_RATES = (0.5, 0.7999999999999999, 0.25, None, 10.5)
_VALUES = (1000, 2500.555, 0, None, "a lot")
_MOMENTS = ("2025-08-19T20:00:47.930332", "2025-10-26T03:30:00", "2025-08-19", "2025-08-19 20:00:47", "yesterday")
_UTC = ("2025-08-19 17:00:47", "2025-08-20 17:00:47", "2025-08-19T17:00:47Z", None, "now")
_DAYS = ("2025-01-20", "2025-03-30", "2025-02-30")
_CLOCKS = ("7:00 AM", "07:00 pm", "3:30 AM", "noon")
_NOTES = ("", "called", None, "nul \x00 inside", "\\N")
_SCALE = (1, 3, 5, 6, None)
_FACTORS = ('["a", "b"]', '["a","b"]', "{broken")


def _linkedin(source: str) -> tuple[Kind, ...]:
    return (
        Kind(
            source,
            "linkedin_posts",
            (*POST_KEYS, None),
            "post_id",
            {"content": f"Text of {source}", "posted_at": "2025-01-20T07:00:00"},
            {
                "likes": _COUNTERS,
                "expected_engagement_rate": _RATES,
                "roi_score": _RATES,
                "posted_at": _MOMENTS,
                "updated_at": _UTC,
                "target_audience": _NOTES,
            },
        ),
        Kind(
            source,
            "consultation_inquiries",
            (*INQUIRY_KEYS, None),
            "inquiry_id",
            {"contact_name": "Ada", "inquiry_type": "architecture", "inquiry_channel": "linkedin_dm"},
            {
                "source_post_id": PARENTS,
                "estimated_value": _VALUES,
                "priority_score": _COUNTERS,
                "created_at": _MOMENTS,
                "last_contact": ("", *_MOMENTS),
                "notes": _NOTES,
            },
        ),
        Kind(
            source,
            "business_pipeline",
            (f"{source}-1", f"{source}-2", "shared-1", "shared-2", None),
            "pipeline_id",
            {"month": MONTHS[0]},
            {"month": MONTHS, "total_posts": _COUNTERS, "pipeline_value": _VALUES, "created_at": _UTC},
        ),
    )


def _performance(source: str) -> tuple[Kind, ...]:
    rates = {"avg_engagement_rate": 0.5, "avg_consultation_conversion": 0.5, "sample_size": 7, "confidence_score": 0.5}
    pattern = {"pattern_type": "hook", "pattern_value": "question", **rates}
    analysis = {
        **dict.fromkeys(("post_id", "hook_type", "cta_type", "topic_category"), "x"),
        **dict.fromkeys(("word_count", "technical_depth", "business_focus", "controversy_score"), 1),
        **dict.fromkeys(("emoji_count", "hashtag_count", "question_count", "personal_story"), 0),
        "data_points": 0,
        "code_snippets": 1,
        "analyzed_at": "2025-08-19 17:00:47",
    }
    prediction: dict[str, object] = {
        "post_id": "p",
        "predicted_engagement_rate": 0.5,
        "predicted_consultation_requests": 1,
    }
    prediction |= {"confidence_lower": 0.25, "confidence_upper": 0.75, "key_factors": "[]", "recommendations": "[]"}
    pattern_keys = (f"{source}-1", f"{source}-2", "shared-1", "shared-2", None)
    later = {} if source == "performance" else {"updated_at": _UTC}
    validated = {} if source == "performance" else {"validated_at": _UTC}
    return (
        Kind(
            source,
            "content_patterns",
            pattern_keys,
            "pattern_id",
            pattern,
            {
                "pattern_value": ("question", "story", "number"),
                "avg_engagement_rate": _RATES,
                "sample_size": _COUNTERS,
                "identified_at": _UTC,
                **later,
            },
        ),
        Kind(
            source,
            "content_analysis",
            ("a", "b", "c", None),
            "analysis_id",
            analysis,
            {"word_count": _COUNTERS, "technical_depth": _SCALE, "personal_story": (0, 1, "true", "yes")},
        ),
        Kind(
            source,
            "performance_predictions",
            ("a", "b", "c", None),
            "prediction_id",
            prediction,
            {"key_factors": _FACTORS, "confidence_lower": _RATES, **validated},
        ),
    )


KINDS = (
    *_linkedin("primary"),
    *_linkedin("duplicate"),
    Kind(
        "week3",
        "week3_posts",
        (*POST_KEYS, None),
        "post_id",
        {
            "date": "2025-01-20",
            "day": "Monday",
            "title": "A title",
            "series": "A series",
            "posting_time": "7:00 AM",
            "business_dev_focus": "A focus",
            "target_consultation_type": "A type",
        },
        {"date": _DAYS, "posting_time": _CLOCKS, "likes": _COUNTERS, "engagement_rate": _RATES},
    ),
    Kind(
        "week3",
        "consultation_inquiries",
        (*INQUIRY_KEYS, None),
        "inquiry_id",
        {"inquiry_date": "2025-01-20", "inquiry_type": "architecture", "contact_name": "Ada"},
        {"source_post_id": PARENTS, "estimated_value": _VALUES, "created_at": _UTC, "notes": _NOTES},
    ),
    Kind(
        "content",
        "posts",
        (*POST_KEYS, None),
        "post_id",
        {
            "date": "2025-01-20",
            "day_of_week": "Monday",
            "content_type": "A type",
            "headline": "A headline",
            "platform": "LinkedIn",
            "posting_time": "7:00 AM",
        },
        {
            "date": _DAYS,
            "platform": ("LinkedIn", "linkedin", "Twitter"),
            "shares": _COUNTERS,
            "click_through_rate": _RATES,
        },
    ),
    Kind(
        "content",
        "business_pipeline",
        (*INQUIRY_KEYS, None),
        "inquiry_id",
        {"inquiry_date": "2025-01-20", "inquiry_type": "architecture"},
        {
            "source_post_id": PARENTS,
            "project_value": _VALUES,
            "industry": ("Software", None),
            "created_at": _UTC,
            "notes": _NOTES,
        },
    ),
    Kind(
        "twitter",
        "twitter_posts",
        (*POST_KEYS, None),
        "tweet_id",
        {"post_id": "thread", "content": "A tweet"},
        {"retweets": _COUNTERS, "engagement_rate": _RATES, "posted_at": _UTC, "thread_position": (1, 2)},
    ),
    *(kind for source in PERFORMANCE for kind in _performance(source)),
)
