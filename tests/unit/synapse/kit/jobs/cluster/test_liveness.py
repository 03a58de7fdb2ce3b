"""When a cluster is asked for a sign of life, and when silence means that it is dead."""

from datetime import UTC, datetime, timedelta

from synapse.kit.jobs.cluster.liveness import Liveness, LivenessAction

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _judge(liveness: Liveness, seconds: float, *, answered: float | None = None, busy: int = 0) -> LivenessAction:
    """Judge, and ask where that is the action, as a supervisor does."""
    action = liveness.decide_action(
        _at(seconds), answered_at=None if answered is None else _at(answered), busy=busy, workers=2
    )
    if action is LivenessAction.ASK:
        liveness.asked_at = _at(seconds)
    return action


def _liveness() -> Liveness:
    return Liveness(heartbeat=timedelta(seconds=30), grace=timedelta(seconds=20), alive_at=START)


def _answering_liveness() -> Liveness:
    liveness = _liveness()
    _judge(liveness, 0)
    _judge(liveness, 2, answered=1)
    return liveness


def test_cluster_that_starts_is_asked_every_few_seconds_and_has_a_minute() -> None:
    liveness = _liveness()

    assert [_judge(liveness, seconds) for seconds in (0, 1, 3)] == [
        LivenessAction.ASK,
        LivenessAction.NOTHING,
        LivenessAction.ASK,
    ]
    assert _judge(liveness, 60) is not LivenessAction.RESTART
    assert _judge(liveness, 60.01) is LivenessAction.RESTART


def test_cluster_that_answers_is_asked_once_a_heartbeat() -> None:
    liveness = _answering_liveness()

    assert [_judge(liveness, seconds, answered=1) for seconds in (5, 20, 29)] == [LivenessAction.NOTHING] * 3
    assert _judge(liveness, 30, answered=1) is LivenessAction.ASK
    assert _judge(liveness, 40, answered=31) is LivenessAction.NOTHING


def test_cluster_that_falls_silent_is_probed_and_then_restarted() -> None:
    liveness = _answering_liveness()

    asked = [second for second in range(3, 51) if _judge(liveness, second, answered=1) is LivenessAction.ASK]

    assert asked == list(range(30, 51, 3))
    assert _judge(liveness, 51, answered=1) is not LivenessAction.RESTART
    assert _judge(liveness, 51.01, answered=1) is LivenessAction.RESTART


def test_vanished_worker_is_asked_about_at_once_and_has_the_grace_only() -> None:
    liveness = _answering_liveness()
    liveness.suspect_lost_worker(_at(10))

    assert _judge(liveness, 10, answered=1) is LivenessAction.ASK
    assert _judge(liveness, 30, answered=1) is not LivenessAction.RESTART
    assert _judge(liveness, 30.01, answered=1) is LivenessAction.RESTART


def test_answer_after_a_worker_vanished_ends_the_suspicion() -> None:
    liveness = _answering_liveness()
    liveness.suspect_lost_worker(_at(10))
    _judge(liveness, 10, answered=1)

    assert _judge(liveness, 14, answered=13) is LivenessAction.NOTHING
    assert _judge(liveness, 32, answered=13) is LivenessAction.NOTHING


def test_answer_in_the_moment_a_worker_vanished_proves_nothing() -> None:
    liveness = _answering_liveness()
    liveness.suspect_lost_worker(_at(10))

    assert _judge(liveness, 31, answered=10.5) is LivenessAction.RESTART


def test_busy_workers_need_not_answer_and_get_the_whole_time_afterwards() -> None:
    liveness = _answering_liveness()

    assert _judge(liveness, 3600, answered=1, busy=2) is not LivenessAction.RESTART
    assert _judge(liveness, 3640, answered=1, busy=1) is not LivenessAction.RESTART
    assert _judge(liveness, 3651, answered=1, busy=1) is LivenessAction.RESTART


def test_silence_counts_anew_when_what_the_cluster_needs_is_back() -> None:
    liveness = _answering_liveness()
    liveness.restart_grace_period(_at(300))

    assert _judge(liveness, 301, answered=1) is LivenessAction.ASK
    assert _judge(liveness, 359, answered=1) is not LivenessAction.RESTART
