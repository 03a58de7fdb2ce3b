"""The primary file in bulk: any number of posts and inquiries as generators, in constant memory.

Random details are drawn into pools beforehand, so a row costs a few look-ups. Keys ascend, so SQLite only appends to
its B-trees. The specification's own figures are in `contents`, hostile cells in `hostile`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from random import Random
from typing import Final

from legacy_import.demo.clock import Clock
from legacy_import.demo.contents.business import FIRST_POST_ROWID, primary_tables
from legacy_import.demo.contents.texts import (
    AUDIENCES,
    COMPANIES,
    COMPANY_SIZES,
    MESSAGES,
    NOTES,
    PEOPLE,
    SENTENCES,
    write_article,
)
from legacy_import.demo.contents.week import THEME, WEEK, post_key
from legacy_import.demo.rows import Cell, TableRows, seeded_random

POSTS_PER_ROW: Final = 6
"""One row in six is a post, the others are inquiries."""
_DAYS: Final = 730
_POOL: Final = 4_096
_BATCH: Final = 8_192
_STATUSES: Final = (
    ("new", 40), ("contacted", 18), ("qualified", 12), ("discovery_scheduled", 10),
    ("proposal_sent", 8), ("closed_won", 6), ("closed_lost", 6),
)  # fmt: skip
_TYPES: Final = ("team_building", "architecture", "fractional_cto", "nobuild_audit")
_CHANNELS: Final = ("linkedin_comment", "linkedin_dm", "email", "website")

Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days the rows lie on, oldest first, yesterday last, as keys and dates spell them."""

    dates: list[str]
    weekdays: list[str]

    @classmethod
    def last_two_years(cls, clock: Clock) -> "Calendar":
        """Return the last two years."""
        noons = [clock.days_before_today(days, "12:00") for days in range(_DAYS, 0, -1)]
        return cls([noon.local_date for noon in noons], [noon.key_stamp("%A") for noon in noons])


def bulk_tables(clock: Clock, *, seed: int, rows: int) -> list[TableRows]:
    """Return rows // 6 posts, the planned week's seven first, and inquiries that each point to one of them.

    The rows are iterators: they can be read once.
    """
    posts = rows // POSTS_PER_ROW
    week_posts, inquiries = primary_tables(clock, seed=seed)
    calendar = Calendar.last_two_years(clock)
    keys = _PostKeys(calendar, posts, [post_key(clock, number) for number in range(len(WEEK))])
    written = chain(week_posts.rows, _generate_posts(calendar, keys, seeded_random(seed, "bulk posts")))
    return [
        TableRows("linkedin_posts", week_posts.columns, islice(written, posts), FIRST_POST_ROWID),
        TableRows("consultation_inquiries", inquiries.columns, _generate_inquiries(calendar, keys, rows - posts, seed)),
    ]


@dataclass(frozen=True, slots=True)
class _PostKeys:
    """The key of every post, worked out from its number rather than remembered."""

    calendar: Calendar
    count: int
    week: list[str]

    def day_of(self, number: int) -> int:
        return number * _DAYS // self.count

    def __call__(self, number: int) -> str:
        if number < len(self.week):
            return self.week[number]
        day = self.day_of(number)
        return f"{self.calendar.dates[day]}-{self.calendar.weekdays[day].lower()}-{number:07}"


def _generate_posts(calendar: Calendar, keys: _PostKeys, random: Random) -> Iterator[Row]:
    texts = [write_article(random, title=sentence, sections=1)[:520] for sentence in SENTENCES for _ in range(13)]
    details = [_draw_post_details(random) for _ in range(_POOL)]
    clock_times = [f"T{hour:02}:{minute}:00" for hour in range(6, 20) for minute in ("00", "30")]
    for number in range(len(WEEK), keys.count):
        day = keys.day_of(number)
        date, weekday = calendar.dates[day], calendar.weekdays[day]
        # Multiplying by large odd numbers (Knuth's hash) spreads consecutive rows over the pools.
        front, back = details[number * 2_654_435_761 % _POOL]
        text = texts[number * 40_503 % len(texts)]
        posted_at = date + clock_times[number % len(clock_times)]
        yield (keys(number), text, posted_at, THEME, weekday, *front, *back, f"{date} 20:54:07")


def _draw_post_details(random: Random) -> tuple[Row, Row]:
    impressions = random.randint(200, 20_000)
    views = impressions * random.randint(40, 90) // 100
    reactions = [views * random.randint(0, top) // 200 for top in (12, 6, 4, 4)]
    rest = [random.randint(0, top) for top in (90, 140, 12, 3, 2)]
    rates = (round(sum(reactions) / views, 4), round(rest[-1] / views, 4), random.randint(0, 4_000) / 4)
    plan = random.choice(WEEK)
    front = (random.choice(AUDIENCES), plan.objective, plan.expected_rate, plan.expected_inquiries)
    return front, (impressions, views, *reactions, *rest, *rates)


def _generate_inquiries(calendar: Calendar, keys: _PostKeys, count: int, seed: int) -> Iterator[Row]:
    random = seeded_random(seed, "bulk inquiries")
    details = [_draw_inquiry_details(random) for _ in range(_POOL)]
    # Hours without a clock change in them: the naive local time of a clean row is beyond doubt.
    times = [f"T{random.randint(6, 23):02}:{random.randint(0, 59):02}:{random.randint(0, 59):02}" for _ in range(_POOL)]
    times = [f"{time}.{random.randint(1, 999_999):06}" if n % 64 else time for n, time in enumerate(times)]
    for first in range(0, count, _BATCH):
        numbers = range(first, min(first + _BATCH, count))
        chosen = zip(
            numbers, random.choices(details, k=len(numbers)), random.choices(times, k=len(numbers)), strict=True
        )
        for number, (front, contacted_after, note), time in chosen:
            day = number * _DAYS // count
            date = calendar.dates[day]
            post = keys(max(0, number * keys.count // count - number % 97)) if keys.count else None
            contacted_on = min(day + contacted_after, _DAYS - 1)
            last_contact = calendar.dates[contacted_on] + time if contacted_after else ""
            yield (f"inquiry-{date}-{number:08}", post, *front, date + time, last_contact, note)


def _draw_inquiry_details(random: Random) -> tuple[Row, int, str]:
    names, weights = zip(*_STATUSES, strict=True)
    status = random.choices(names, weights)[0]
    front = (
        random.choice(PEOPLE),
        random.choice(COMPANIES),
        random.choice(COMPANY_SIZES),
        random.choice(_TYPES),
        random.choice(_CHANNELS),
        random.choice(MESSAGES),
        500 * random.randint(10, 240),
        random.randint(1, 5),
        status,
    )
    if status == "new":
        return front, 0, ""
    return front, random.randint(1, 9), random.choice(NOTES)
