"""The Twitter file, column by column; the real one is empty."""

from pathlib import Path

import pytest

from tests.imports import counts, run_import
from tests.integration.legacy_import.sources.conftest import Checks
from tests.integration.legacy_import.sources.mapped_table import MappedTable, landed, same
from tests.integration.legacy_import.sources.readings import INTEGER, RATIO, TEXT, UTC_TIME
from tests.legacy_files import change

pytestmark = pytest.mark.django_db(databases=["default"], transaction=True)

TWEETS = MappedTable(
    "twitter",
    "twitter_posts",
    "business_core.Post",
    key="tweet_id",
    columns={
        "tweet_id": ("external_post_id", TEXT),
        **same(TEXT, "content"),
        **same(INTEGER, "impressions", "likes", "clicks"),
        "retweets": ("shares", INTEGER),
        "replies": ("comments", INTEGER),
        "engagement_rate": ("actual_engagement_rate", RATIO),
        **same(UTC_TIME, "posted_at"),
        "last_updated": ("updated_at", UTC_TIME),
    },
    constants={"platform": "twitter", "data_source": "twitter"},
    kept=("post_id", "thread_position", "total_threads"),
)


def test_every_column_lands_in_its_place(lands_whole: Checks) -> None:
    lands_whole(TWEETS)


def test_the_tweets_of_one_post_are_posts_of_their_own(legacy_dir: Path) -> None:
    keys = [TWEETS.insert(legacy_dir, tweet_id=key, post_id="thread-of-two")["tweet_id"] for key in ("t-1", "t-2")]

    assert counts(run_import("twitter", legacy_dir))["twitter_posts"] == {"read": 2, "inserted": 2}

    assert [landed(TWEETS, key)["external_post_id"] for key in keys] == keys


def test_threads_are_archived(legacy_dir: Path) -> None:
    change(
        TWEETS.file(legacy_dir), "INSERT INTO twitter_threads (thread_id, post_id, total_tweets) VALUES ('a', 'b', 2)"
    )

    assert counts(run_import("twitter", legacy_dir)) == {"twitter_threads": {"read": 1, "archived": 1}}


def test_the_real_file_is_empty_and_lands(real_legacy_dir: Path) -> None:
    assert counts(run_import("twitter", real_legacy_dir)) == {}
