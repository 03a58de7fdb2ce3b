"""The week3 tracker: the same week under other names, and one person's two inquiries of 15,000 each.

The plan of the week is in `week`, the LinkedIn files are in `business`.
"""

import json
from typing import Final

from legacy_import.demo.clock import Clock, Moment
from legacy_import.demo.contents.business import REACTIONS
from legacy_import.demo.contents.texts import COMPANIES, pick_person
from legacy_import.demo.contents.week import WEEK, planned_at, week3_key
from legacy_import.demo.rows import Cell, TableRows, seeded_random, table_rows

_FIRST_ROWID: Final = 8


def week3_tables(clock: Clock, *, seed: int) -> list[TableRows]:
    """Return the week as the week3 tracker saw it, and one person's two inquiries of 15,000."""
    posts = [_week3_post_row(clock, seed=seed, number=number) for number in range(len(WEEK))]
    inquiries = [
        _week3_inquiry_row(clock, seed=seed, written=clock.days_before_today(41, at)) for at in ("10:50:52", "10:51:23")
    ]
    return [
        table_rows("week3_posts", posts, first_rowid=_FIRST_ROWID),
        table_rows("consultation_inquiries", inquiries),
    ]


def _week3_post_row(clock: Clock, *, seed: int, number: int) -> dict[str, Cell]:
    plan, random = WEEK[number], seeded_random(seed, f"week3 {number}")
    views = random.randint(900, 4_000)
    reactions = {name: views * random.randint(1, top) // 100 for name, top in REACTIONS.items()}
    planned = planned_at(clock, number)
    return {
        "post_id": week3_key(clock, number),
        "date": planned.local_date,
        "day": plan.day,
        "title": plan.title,
        "series": plan.series,
        "posting_time": planned.key_stamp("%I:%M %p").lstrip("0"),
        "business_dev_focus": plan.objective,
        "target_consultation_type": plan.consultation,
        "views": views,
        **reactions,
        "engagement_rate": sum(reactions.values()) / views,
        "profile_views": random.randint(5, 60),
        "connection_requests": random.randint(0, 6),
        "consultation_inquiries": 1 if number == 0 else 0,
        "created_at": clock.days_before_today(41, "10:51:23").utc_text,
    }


def _week3_inquiry_row(clock: Clock, *, seed: int, written: Moment) -> dict[str, Cell]:
    details: dict[str, Cell] = {
        "inquiry_date": planned_at(clock, 0).local_date,
        "inquiry_type": "Delivery consultation",
        "company_name": COMPANIES[0],
        "contact_name": pick_person(seed, 4),
        "company_size": "15-25 employees",
        "estimated_value": 15000,
        "notes": f"Interested in a {WEEK[0].consultation.lower()} after reading Monday's post.",
    }
    return {
        "inquiry_id": f"{week3_key(clock, 0)}-inquiry-{written.key_stamp()}",
        "source_post_id": week3_key(clock, 0),
        "inquiry_date": details["inquiry_date"],
        "inquiry_type": details["inquiry_type"],
        "company_name": details["company_name"],
        "contact_name": details["contact_name"],
        "company_size": details["company_size"],
        "inquiry_details": json.dumps(details),
        "estimated_value": 15000.0,
        "status": "new",
        "notes": details["notes"],
        "created_at": written.utc_text,
    }
