"""The job that judges predictions by the results of their posts: posts are in one database, predictions in another.

It carries the posts' figures across, a keyset page of predictions at a time. The figures are read by
business_core.querysets.posts and compared by analytics.services.predictions.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from analytics.models import PerformancePrediction
from analytics.services.predictions import JOB, MAX_RATE, Outcome, judge_predictions, prediction_keys_to_judge
from business_core.models import Post
from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE
from synapse.foundation.text.visible import visible
from synapse.kit.jobs.job import Job
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work

SETTLED_AFTER: Final = timedelta(days=7)
"""A post is judged a week after it went out: a feed shows a post for days, and judged by its first hours every
prediction would look too high. What comes later still counts, for figures are followed as long as they change."""

BLOCK_ROWS: Final = 1_000
"""Predictions read at once: memory stays flat, and a person who edits one waits for so many at most."""

_MAX_NAMED: Final = 5


def judge_all_predictions(work: Work) -> dict[str, Any]:
    """Judge every prediction whose post has results, and again those whose post's figures have changed."""
    tally = _Tally()
    total = PerformancePrediction.objects.using(ANALYTICS).count()
    for block in _prediction_batches():
        outcomes = _post_outcomes(block, work.now, tally)
        tally.seen += len(block)
        # A tick that changes nothing leaves no trace.
        if keys := prediction_keys_to_judge(block, outcomes):
            with work.idempotent_step(ANALYTICS, step=f"from {block[0].pk}") as is_first:
                if is_first:
                    judged = judge_predictions(keys, outcomes, now=work.now)
                    tally.counts.update(first=judged.first, again=judged.again)
        work.report_progress(tally.seen, total, "predictions")
    return tally.as_result()


class _Tally:
    """What became of the predictions."""

    def __init__(self) -> None:
        self.seen = 0
        self.counts: Counter[str] = Counter(first=0, again=0, waiting=0, unknown=0, impossible=0)
        self.impossible: set[str] = set()

    def as_result(self) -> dict[str, Any]:
        counts = self.counts
        words = f"{counts['first']:,} predictions judged, {counts['again']:,} judged again"
        words += f"; {counts['waiting']:,} wait for their posts' results, {counts['unknown']:,} name a post not here"
        if self.impossible:
            names = ", ".join(visible(name)[:60] for name in sorted(self.impossible)[:_MAX_NAMED])
            words += f"; {counts['impossible']:,} can't be judged, their posts' numbers can't be right: {names}"
        return {"summary": f"{words}.", "predictions": self.seen, **counts}


def _prediction_batches() -> Iterator[list[PerformancePrediction]]:
    predictions = PerformancePrediction.objects.using(ANALYTICS).order_by("pk").defer("key_factors", "recommendations")
    block = list(predictions[:BLOCK_ROWS])
    while block:
        yield block
        # Keyset, not OFFSET: rows that are added or deleted meanwhile neither repeat nor skip another one.
        block = list(predictions.filter(pk__gt=block[-1].pk)[:BLOCK_ROWS])


def _post_outcomes(block: list[PerformancePrediction], now: datetime, tally: _Tally) -> dict[str, Outcome]:
    """Return what the block's posts brought, those without results left out."""
    names = {prediction.post_id for prediction in block}
    results = Post.objects.using(BUSINESS_CORE).results_by_key(names, posted_before=now - SETTLED_AFTER)
    outcomes: dict[str, Outcome] = {}
    for prediction in block:
        name, result = prediction.post_id, results.get(prediction.post_id)
        if result is None:
            tally.counts["unknown"] += 1
        elif result.engagement_rate is None:
            tally.counts["waiting"] += 1
        elif not 0 <= result.engagement_rate <= MAX_RATE:
            tally.counts["impossible"] += 1
            tally.impossible.add(name)
        else:
            outcomes[name] = Outcome(result.engagement_rate, result.consultation_requests)
    return outcomes


register_job(
    Job(
        name=JOB,
        title="Judge predictions by what came",
        work=judge_all_predictions,
        cron="40 * * * *",
        time_limit=timedelta(minutes=30),
    )
)
