"""Posts and inquiries of the primary and the duplicate.

The primary's 15 inquiries are four people with four messages, written on four days, as in the real file: 555,000 in
all. The duplicate repeats the first of them at 25,000.
The plan of the week is in `week`, the week3 tracker in `week3`, the prose in `texts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from legacy_import.demo.clock import Clock
from legacy_import.demo.contents.texts import COMPANIES, MESSAGES, NOTES, pick_person, write_article
from legacy_import.demo.contents.week import THEME, WEEK, planned_at, post_key
from legacy_import.demo.rows import Cell, TableRows, seeded_random, table_rows

UNKNOWN: Final = "Unknown"
REACTIONS: Final = {"likes": 6, "comments": 3, "shares": 2, "saves": 2}
"""The counters that make up engagement, and the highest share of views in per cent each comes to."""
FIRST_POST_ROWID: Final = 15


@dataclass(frozen=True, slots=True)
class Sender:
    """One person who writes the same message again. knows_company: else the legacy code fills in 'Unknown'."""

    post: int
    size: str
    inquiry_type: str
    message: int
    value: int
    priority: int
    knows_company: bool
    statuses: tuple[str, ...]


_SENDERS: Final = (
    Sender(0, "Series A (20-50 employees)", "team_building", 0, 25_000, 4, knows_company=True,
           statuses=("proposal_sent", "contacted", "new")),
    Sender(0, "Series A (20-50 employees)", "team_building", 1, 25_000, 5, knows_company=False,
           statuses=("closed_won", "qualified", "contacted", "new")),
    Sender(1, UNKNOWN, "fractional_cto", 3, 75_000, 5, knows_company=True,
           statuses=("closed_lost", "discovery_scheduled", "qualified", "new")),
    Sender(2, "Series A (20-50 employees)", "nobuild_audit", 4, 20_000, 5, knows_company=False,
           statuses=("closed_won", "proposal_sent", "new", "new")),
)  # fmt: skip

_WRITTEN: Final = ((40, "19:52:45"), (17, "09:12:16"), (5, "13:54:06"), (1, "08:37:12"))
"""Days ago and local time of the four days; the last one keeps the 30-day view from being empty."""


def primary_tables(clock: Clock, *, seed: int) -> list[TableRows]:
    """Return 7 posts and 15 inquiries worth 555,000."""
    inquiries = [
        _inquiry_row(clock, seed=seed, sender=sender, day=day)
        for day in range(len(_WRITTEN))
        for sender in range(len(_SENDERS))
        if day < len(_SENDERS[sender].statuses)
    ]
    return [
        table_rows("linkedin_posts", primary_posts(clock, seed=seed), first_rowid=FIRST_POST_ROWID),
        table_rows("consultation_inquiries", inquiries),
    ]


def duplicate_tables(clock: Clock, *, seed: int) -> list[TableRows]:
    """Return the primary's posts with other counters and a later updated_at, and one inquiry the primary lacks."""
    changed = [
        {
            **post,
            "consultation_requests": WEEK[number].consultations[1],
            "updated_at": clock.days_before_today(1, "08:35:30").utc_text,
        }
        for number, post in enumerate(primary_posts(clock, seed=seed))
    ]
    written = clock.days_before_today(1, "08:35:30", microseconds=174_854)
    inquiry = {**_inquiry_row(clock, seed=seed, sender=0, day=2), "inquiry_id": f"inquiry-{written.key_stamp()}"}
    inquiry |= {"created_at": written.local_text, "status": "new", "last_contact": "", "notes": ""}
    return [table_rows("linkedin_posts", changed), table_rows("consultation_inquiries", [inquiry])]


def primary_posts(clock: Clock, *, seed: int) -> list[dict[str, Cell]]:
    """Return the week's posts as the primary holds them."""
    return [_post_row(clock, seed=seed, number=number) for number in range(len(WEEK))]


def _post_row(clock: Clock, *, seed: int, number: int) -> dict[str, Cell]:
    plan, random = WEEK[number], seeded_random(seed, f"post {number}")
    return {
        "post_id": post_key(clock, number),
        "content": write_article(random, title=f"{plan.day}: {plan.title}", sections=random.randint(12, 18)),
        "posted_at": planned_at(clock, number).local_text,
        "week_theme": THEME,
        "day": plan.day,
        "target_audience": plan.audience,
        "business_objective": plan.objective,
        "expected_engagement_rate": plan.expected_rate,
        "expected_consultation_inquiries": plan.expected_inquiries,
        **_performance_counters(random, consultations=plan.consultations[0]),
        "roi_score": 0.1 + 0.7 if number == 0 else random.randint(0, 400) / 4,
        "updated_at": clock.days_before_today(5, "13:54:07").utc_text,
    }


def _performance_counters(random: Random, *, consultations: int) -> Mapping[str, Cell]:
    impressions = random.randint(1_800, 9_600)
    views = impressions * random.randint(55, 80) // 100
    reactions = {name: views * random.randint(1, top) // 100 for name, top in REACTIONS.items()}
    return {
        "impressions": impressions,
        "views": views,
        **reactions,
        "clicks": random.randint(0, 90),
        "profile_views": random.randint(10, 140),
        "connection_requests": random.randint(0, 12),
        "dm_inquiries": random.randint(0, 3),
        "consultation_requests": consultations,
        "actual_engagement_rate": sum(reactions.values()) / views,
        "business_conversion_rate": consultations / views,
    }


def _inquiry_row(clock: Clock, *, seed: int, sender: int, day: int) -> dict[str, Cell]:
    who = _SENDERS[sender]
    days_ago, clock_time = _WRITTEN[day]
    # Arbitrary microseconds; different ones keep the senders' moments apart.
    created = clock.days_before_today(days_ago, clock_time, microseconds=846_021 + 1_709 * sender)
    status = who.statuses[day]
    post = post_key(clock, who.post)
    key = f"inquiry-{created.key_stamp()}" if sender == 0 else f"comment-{post}-{created.key_stamp()}"
    random = seeded_random(seed, f"sender {sender}")
    return {
        "inquiry_id": key,
        "source_post_id": post,
        "contact_name": pick_person(seed, sender),
        "company": random.choice([name for name in COMPANIES if name != UNKNOWN]) if who.knows_company else UNKNOWN,
        "company_size": who.size,
        "inquiry_type": who.inquiry_type,
        "inquiry_channel": "linkedin_comment",
        "inquiry_text": MESSAGES[who.message],
        "estimated_value": who.value,
        "priority_score": who.priority,
        "status": status,
        "created_at": created.local_text,
        "last_contact": "" if status == "new" else created.shifted_by(days=2, microseconds=731 * sender).local_text,
        "notes": "" if status == "new" else NOTES[(day + sender) % len(NOTES)],
    }
