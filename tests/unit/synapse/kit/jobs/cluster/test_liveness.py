"""When a cluster is asked for a sign of life, and when silence means that it is dead."""

from datetime import UTC, datetime, timedelta

from synapse.kit.jobs.cluster.liveness import Pulse, Verdict

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _judge(pulse: Pulse, seconds: float, *, answered: float | None = None, busy: int = 0) -> Verdict:
    """Judge, and ask where that is the verdict, as a supervisor does."""
    verdict = pulse.judge(_at(seconds), answered_at=None if answered is None else _at(answered), busy=busy, workers=2)
    if verdict is Verdict.ASK:
        pulse.asked_at = _at(seconds)
    return verdict


def _pulse() -> Pulse:
    return Pulse(heartbeat=timedelta(seconds=30), grace=timedelta(seconds=20), alive_at=START)


def _answering_pulse() -> Pulse:
    pulse = _pulse()
    _judge(pulse, 0)
    _judge(pulse, 2, answered=1)
    return pulse


def test_cluster_that_starts_is_asked_every_few_seconds_and_has_a_minute() -> None:
    pulse = _pulse()

    assert [_judge(pulse, seconds) for seconds in (0, 1, 3)] == [Verdict.ASK, Verdict.NOTHING, Verdict.ASK]
    assert _judge(pulse, 59) is not Verdict.RESTART
    assert _judge(pulse, 61) is Verdict.RESTART


def test_cluster_that_answers_is_asked_once_a_heartbeat() -> None:
    pulse = _answering_pulse()

    assert [_judge(pulse, seconds, answered=1) for seconds in (5, 20, 29)] == [Verdict.NOTHING] * 3
    assert _judge(pulse, 30, answered=1) is Verdict.ASK
    assert _judge(pulse, 40, answered=31) is Verdict.NOTHING


def test_cluster_that_falls_silent_is_probed_and_then_restarted() -> None:
    pulse = _answering_pulse()

    asked = [second for second in range(3, 51) if _judge(pulse, second, answered=1) is Verdict.ASK]

    assert asked == list(range(30, 51, 3))
    assert _judge(pulse, 51, answered=1) is not Verdict.RESTART
    assert _judge(pulse, 51.5, answered=1) is Verdict.RESTART


def test_vanished_worker_is_asked_about_at_once_and_has_the_grace_only() -> None:
    pulse = _answering_pulse()
    pulse.suspect(_at(10))

    assert _judge(pulse, 10, answered=1) is Verdict.ASK
    assert _judge(pulse, 29, answered=1) is not Verdict.RESTART
    assert _judge(pulse, 31, answered=1) is Verdict.RESTART


def test_answer_after_a_worker_vanished_ends_the_suspicion() -> None:
    pulse = _answering_pulse()
    pulse.suspect(_at(10))
    _judge(pulse, 10, answered=1)

    assert _judge(pulse, 14, answered=13) is Verdict.NOTHING
    assert _judge(pulse, 32, answered=13) is Verdict.NOTHING


def test_answer_in_the_moment_a_worker_vanished_proves_nothing() -> None:
    pulse = _answering_pulse()
    pulse.suspect(_at(10))

    assert _judge(pulse, 31, answered=10.5) is Verdict.RESTART


def test_busy_workers_need_not_answer_and_get_the_whole_time_afterwards() -> None:
    pulse = _answering_pulse()

    assert _judge(pulse, 3600, answered=1, busy=2) is not Verdict.RESTART
    assert _judge(pulse, 3640, answered=1, busy=1) is not Verdict.RESTART
    assert _judge(pulse, 3651, answered=1, busy=1) is Verdict.RESTART


def test_silence_counts_anew_when_what_the_cluster_needs_is_back() -> None:
    pulse = _answering_pulse()
    pulse.begin(_at(300))

    assert _judge(pulse, 301, answered=1) is Verdict.ASK
    assert _judge(pulse, 359, answered=1) is not Verdict.RESTART
