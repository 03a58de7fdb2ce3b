"""A test with its variants in order, the metric that counts, and the verdict on them.

Reads and judges one test or a whole page of them in the same few queries. Called by the pages of tests, the front page
and the decisions (services.ab_decisions); the statistics are in revenue.statistics.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final
from uuid import UUID

from revenue.ab_testing.history import LastImpressions, StoredDecision, last_impressions, stored_decisions
from revenue.ab_testing.metric import Metric, success_metric
from revenue.ab_testing.order import sort_variants
from revenue.ab_testing.outcome import Outcome, determine_outcome
from revenue.ab_testing.rates import variant_counts
from revenue.ab_testing.winner import find_winning_variant
from revenue.legacy_keys import legacy_keys_by_variant
from revenue.legacy_traffic import post_counts_by_key
from revenue.models import ABTest, ABTestStatus, ABTestVariant
from revenue.statistics.counts import TestCounts
from revenue.statistics.verdict import Decision, Verdict, judge_counts

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class JudgedTest:
    """A test at a moment; the first of `variants` is the control. Not slotted: the verdict is a cached property."""

    test: ABTest
    variants: tuple[ABTestVariant, ...]
    at: datetime
    winner: ABTestVariant | None
    """The variant a person has confirmed, or the legacy scripts have named."""
    posts: tuple[int, ...] | None
    """The posts assigned to each variant; None where no assignment is known."""
    last_impressions: LastImpressions | None
    """When a running test's impressions last rose; None where there are none, or nobody knows."""
    stored_decision: StoredDecision | None
    """Who stored the winner, or completed the test without one."""

    @cached_property
    def metric(self) -> Metric:
        """What counts as success."""
        return success_metric(self.variants)

    @cached_property
    def counts(self) -> TestCounts:
        """What was counted, as the statistics take it; names can be shown."""
        return TestCounts(
            variants=tuple(variant_counts(variant, self.metric) for variant in self.variants),
            planned_shares=tuple(variant.planned_share_percent for variant in self.variants),
            posts=self.posts,
            minimum_sample_size=self.test.minimum_sample_size,
            confidence_threshold=self.test.confidence_threshold,
            days_running=self.days_running,
            days_without_impressions=self.days_without_impressions,
        )

    @cached_property
    def verdict(self) -> Verdict:
        """What the counts allow to be said now; what the whole test allows is `outcome`."""
        return judge_counts(self.counts)

    @cached_property
    def outcome(self) -> Outcome:
        """The one verdict that every page shows."""
        return determine_outcome(self)

    @property
    def decision(self) -> Decision | None:
        """What a person may confirm: a winner, where all variants count the same and the test has begun and runs."""
        may_be = self.metric.is_agreed and self.has_started and not self.is_completed
        return self.verdict.decision if may_be else None

    @property
    def has_started(self) -> bool:
        """Say whether its start has come."""
        return self.test.start_date <= self.at

    @property
    def has_stored_winner(self) -> bool:
        """Say whether anything stored makes a winner, even one that is no variant of the test any more."""
        return bool(self.test.winning_variant) or any(variant.is_winner for variant in self.variants)

    @property
    def is_completed(self) -> bool:
        """Say whether somebody ended the test."""
        return self.test.status == ABTestStatus.COMPLETED

    @property
    def days_running(self) -> float:
        """Days from the start to the end, to now while it runs; nought before it starts."""
        end = min(self.test.end_date or self.at, self.at)
        return max((end - self.test.start_date) / _DAY, 0.0)

    @property
    def days_without_impressions(self) -> float | None:
        """Days since the last impression of a test that runs, or since its start; None where nobody knows."""
        if self.is_completed or not self.has_started:
            return None
        if self.last_impressions is None and any((variant.impressions or 0) > 0 for variant in self.variants):
            return None
        last = self.last_impressions.at if self.last_impressions else self.test.start_date
        return max((self.at - max(last, self.test.start_date)) / _DAY, 0.0)

    @property
    def impressions(self) -> int:
        """The impressions of all variants together."""
        return sum(variant.impressions or 0 for variant in self.variants)

    @property
    def fingerprint(self) -> str:
        """A digest of everything a decision rests on: the optimistic check that a page sends along with a decision."""
        test = self.test
        settings = (test.status, test.minimum_sample_size, test.confidence_threshold)
        rests_on = [
            (row.pk, row.planned_share_percent, row.impressions, self.metric.count_successes(row))
            for row in self.variants
        ]
        compared = repr((settings, self.metric, rests_on, self.posts))
        return hashlib.sha256(compared.encode()).hexdigest()[:16]


def load_judged_test(test: ABTest, *, now: datetime) -> JudgedTest:
    """Return one test with its variants and what is known of it."""
    return load_judged_tests([test], now=now)[0]


def load_judged_tests(tests: Iterable[ABTest], *, now: datetime) -> list[JudgedTest]:
    """Return each test with its variants and what is known of it: at most seven queries for any number of tests."""
    rows = list(tests)
    variants = list(ABTestVariant.objects.filter(test__in=rows))
    keys = legacy_keys_by_variant(variant.pk for variant in variants)
    # Sorted once for all tests: each test's variants keep that order among themselves.
    of_test: defaultdict[UUID | None, list[ABTestVariant]] = defaultdict(list)
    for variant in sort_variants(variants, keys):
        of_test[variant.test_id].append(variant)
    posts = post_counts_by_key(keys.values())
    running = {test.pk for test in rows if test.status != ABTestStatus.COMPLETED}
    seen = last_impressions(variant for variant in variants if variant.test_id in running)
    decided = [test for test in rows if test.winning_variant or test.status == ABTestStatus.COMPLETED]
    decisions = stored_decisions(decided)
    return [
        JudgedTest(
            test=test,
            variants=tuple(own),
            at=now,
            winner=find_winning_variant(test.winning_variant, own, keys),
            posts=_posts_per_variant(own, keys, posts),
            last_impressions=max(
                (seen[variant.pk] for variant in own if variant.pk in seen), key=lambda last: last.at, default=None
            ),
            stored_decision=decisions.get(test.pk),
        )
        for test, own in ((test, of_test[test.pk]) for test in rows)
    ]


def _posts_per_variant(
    variants: list[ABTestVariant], keys: Mapping[UUID, str], posts: Mapping[str, int]
) -> tuple[int, ...] | None:
    """Return the posts assigned to each variant, None where no assignment is known."""
    counted = tuple(posts.get(keys.get(variant.pk, ""), 0) for variant in variants)
    return counted if any(counted) else None
