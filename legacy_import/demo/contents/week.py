"""The planned week of posts and its dates: the primary, its duplicate and week3 all hold the same seven."""

from dataclasses import dataclass
from typing import Final

from legacy_import.demo.clock import Clock, Moment

THEME: Final = "Reliability and Delivery"
WEEKS_AGO: Final = 8


@dataclass(frozen=True, slots=True)
class PlannedPost:
    """One post of the week. consultations: what the primary counts, then what the duplicate counts."""

    day: str
    slug: str
    clock_time: str
    title: str
    audience: str
    objective: str
    series: str
    consultation: str
    expected_rate: float
    expected_inquiries: int
    consultations: tuple[int, int] = (0, 0)


WEEK: Final = (
    PlannedPost(
        "Monday", "calm-releases", "07:00", "Calm Releases: What Boring Teams Know",
        "Startup founders, CTOs, engineering managers", "Generate 2-3 delivery consultation inquiries",
        "Delivery Leadership", "Release process assessment", 0.08, 2, (2, 1),
    ),
    PlannedPost(
        "Tuesday", "review-queues", "06:30", "Review Queues: Where Your Month Goes",
        "Technical leads, senior developers", "Position review expertise",
        "Technical Deep Dive + Habits", "Review process and habits assessment", 0.09, 1, (1, 0),
    ),
    PlannedPost(
        "Wednesday", "first-platform-hire", "08:00", "Your First Platform Hire: Later Than You Think",
        "Startup founders, hiring managers", "Generate hiring strategy consultation inquiries",
        "Scaling Notes", "Early platform hiring consultation", 0.07, 2, (1, 0),
    ),
    PlannedPost(
        "Thursday", "migration-rehearsal", "06:30", "Rehearse the Migration: Nine Databases, One Evening",
        "Platform engineers, team leads", "Migration planning consultation",
        "Databases + Team Practices", "Migration plan review", 0.09, 1,
    ),
    PlannedPost(
        "Friday", "saying-no", "08:30", "The Roadmap That Fit on a Postcard",
        "Senior developers, aspiring leaders", "Leadership coaching consultation inquiries",
        "Careers + Leadership", "Technical leadership coaching", 0.07, 1,
    ),
    PlannedPost(
        "Saturday", "weekend-checklist", "10:00", "Weekend Project: A Checklist That Runs Itself",
        "Technical teams, productivity enthusiasts", "Team productivity consultation",
        "Community", "Team process automation", 0.06, 1,
    ),
    PlannedPost(
        "Sunday", "quiet-outage", "18:00", "The Quiet Outage: A Sunday Reflection",
        "Technical leaders, thoughtful engineers", "Leadership development authority",
        "Personal Stories/Reflection", "Leadership development", 0.07, 1,
    ),
)  # fmt: skip


def planned_at(clock: Clock, number: int) -> Moment:
    """Return when the week's post of that number (0 is Monday) was planned for."""
    return clock.days_before_today(clock.days_since_monday(WEEKS_AGO) - number, WEEK[number].clock_time)


def post_key(clock: Clock, number: int) -> str:
    """Return the post's key in the LinkedIn files."""
    return f"{week3_key(clock, number)}-{WEEK[number].slug}"


def week3_key(clock: Clock, number: int) -> str:
    """Return the post's key in the week3 file."""
    return f"{planned_at(clock, number).local_date}-{WEEK[number].day.lower()}"
