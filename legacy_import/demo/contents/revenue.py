"""Revenue opportunities, recommendations and the content desk."""

import json
from typing import Final

from legacy_import.demo.clock import Clock, Moment
from legacy_import.demo.contents.week import post_key
from legacy_import.demo.rows import Cell, TableRows, table_rows

_RECOMMENDATIONS: Final = (
    ("high_engagement_topic", "release_postmortems", "technical_community", 0.1, "Postmortems are shared most", 0.9),
    ("business_development", "migration_case_studies", "startup_founders", 0.06, "Founders ask for proof", 0.95),
    ("community_building", "reading_lists", "aspiring_technical_leaders", 0.07, "Lists bring people back", 0.7),
)
_ARTICLE: Final = """
    ## Final Optimized Post

    Nobody ever thanked me for a dashboard, but a checklist once got me a cake.

    What a quiet release has in common with a good kitchen:
    - Everything has its place
    - The hot pans are announced
    - Somebody tastes before it goes out

    What do you announce before you carry it across the room? 🍲
    """
_TAKE_ACTION: Final = (
    "\n\n---\n\n## Take Action\n\n1. Choose one release\n2. Write down its steps\n3. Let somebody else follow them\n"
)


def revenue_tables(clock: Clock) -> list[TableRows]:
    """Return two opportunities that come to 93,500."""
    rows: list[dict[str, Cell]] = [
        {
            "opportunity_id": f"opp_linkedin_user_{number:03}_{found.key_stamp('%Y%m%d')}",
            "lead_source": "linkedin",
            "customer_segment": segment,
            "revenue_potential": potential,
            "confidence_score": confidence,
            "qualification_score": qualification,
            "engagement_history": json.dumps(
                [
                    {
                        "user_id": f"linkedin_user_{number:03}",
                        "engagement_score": 8.5 if number == 1 else 7.2,
                        "content_interactions": ["release_postmortems", "migrations", "on_call"],
                        "role_indicators": ["CTO", "VP Engineering"] if number == 1 else ["Founder"],
                        "company_size_indicators": ["Series B", "50-200 employees"] if number == 1 else ["Seed stage"],
                        "urgency_signals": ["hiring", "missed dates"],
                    }
                ]
            ),
            "recommended_offering": offering,
            "next_action": action,
            "status": "active",
            "created_at": found.utc_text,
            "updated_at": found.utc_text,
        }
        for found in [clock.days_before_today(4, "15:51:47")]
        for number, segment, potential, confidence, qualification, offering, action in (
            (1, "scale_up_cto", 85_000.0, 1.0, 10, "Delivery turnaround (3 months)", "Send the round table invitation"),
            (2, "startup_founder", 8_500.0, 0.6, 6, "First platform hire package", "Send the migration case study"),
        )
    ]
    return [table_rows("revenue_opportunities", rows)]


def recommendation_tables(clock: Clock) -> list[TableRows]:
    """Return three recommendations, made twice within two minutes."""
    rows: list[dict[str, Cell]] = [
        {
            "recommendation_id": f"rec_{kind}_{made.key_stamp()}",
            "recommendation_type": kind,
            "content_topic": topic,
            "target_audience": audience,
            "expected_performance": json.dumps({"expected_engagement": engagement}),
            "reasoning": reasoning,
            "priority_score": priority,
            "created_at": made.utc_text,
        }
        for made in (clock.days_before_today(6, "20:03:49"), clock.days_before_today(6, "20:05:29"))
        for kind, topic, audience, engagement, reasoning, priority in _RECOMMENDATIONS
    ]
    return [table_rows("content_recommendations", rows)]


def content_management_tables(clock: Clock) -> list[TableRows]:
    """Return one piece entered twice, its six adaptations in three states, and one strategy."""
    made = [clock.days_before_today(2, at) for at in ("14:20:51", "14:21:03")]
    pieces: list[dict[str, Cell]] = [
        {
            "content_id": _piece_key(moment),
            "original_content": _ARTICLE,
            "business_objective": "Generate delivery consultation inquiries",
            "target_audience": "CTOs, Engineering Managers, Technical Leaders",
            "created_at": moment.utc_text,
            "updated_at": moment.utc_text,
        }
        for moment in made
    ]
    strategy: dict[str, Cell] = {
        "strategy_id": f"strategy_{_piece_key(made[1])}_{made[1].key_stamp('%Y%m%d_%H%M%S')}",
        "content_id": _piece_key(made[1]),
        "primary_platform": "linkedin",
        "secondary_platforms": json.dumps(["twitter", "newsletter"]),
        "timing_strategy": json.dumps({"twitter": 120, "newsletter": 1440}),
        "adaptation_notes": None,
        "cross_promotion": 1,
        "created_at": made[1].utc_text,
    }
    return [
        table_rows("content_pieces", pieces),
        table_rows("platform_adaptations", _adaptation_rows(clock, made)),
        table_rows("content_strategies", [strategy]),
    ]


def _piece_key(made: Moment) -> str:
    return f"content_{made.key_stamp('%Y%m%d_%H%M%S')}"


def _adaptation_rows(clock: Clock, made: list[Moment]) -> list[dict[str, Cell]]:
    thread = json.dumps(
        ["Nobody ever thanked me for a dashboard.\n\n🧵 Thread (1/2)", "A checklist got me a cake.\n\n🧵 2/2"]
    )
    newsletter = f"# Delivery Insight\n\n{_ARTICLE}{_TAKE_ACTION}"
    plan = (
        (made[0], "linkedin", _ARTICLE, clock.days_before_today(1, "09:30").local_text, post_key(clock, 0), "posted"),
        (made[0], "twitter", thread, clock.days_before_today(1, "11:30").local_text, None, "scheduled"),
        (made[0], "newsletter", newsletter, clock.days_before_today(0, "09:30").local_text, None, "scheduled"),
        (made[1], "linkedin", _ARTICLE, clock.days_before_today(0, "09:30").local_text, None, "scheduled"),
        (made[1], "twitter", thread, clock.days_before_today(0, "11:30").local_text, None, "scheduled"),
        (made[1], "newsletter", newsletter, None, None, "draft"),
    )
    return [
        {
            "adaptation_id": f"{_piece_key(moment)}_{platform}_{moment.key_stamp('%Y%m%d_%H%M%S')}",
            "content_id": _piece_key(moment),
            "platform": platform,
            "adapted_content": content,
            "scheduled_time": scheduled,
            "post_id": post,
            "status": status,
            "created_at": moment.utc_text,
        }
        for moment, platform, content, scheduled, post, status in plan
    ]
