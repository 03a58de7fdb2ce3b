"""How long a job's runs took, drawn and in words."""

from datetime import UTC, datetime, timedelta

from synapse.console.operations.trend import HEIGHT, duration_trend
from synapse.kit.jobs.models import JobRun

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def run(seconds: float, state: JobRun.State = JobRun.State.DONE) -> JobRun:
    return JobRun(state=state, started_at=NOW, finished_at=NOW + timedelta(seconds=seconds))


def test_bars_go_from_the_oldest_to_the_newest_and_fill_the_height() -> None:
    trend = duration_trend([run(4), run(1, JobRun.State.GIVEN_UP), run(2)])

    assert trend is not None
    assert [(bar.x, bar.y, bar.height, bar.failed) for bar in trend.bars] == [
        (0, 14.0, 14.0, False),
        (6, 21.0, 7.0, True),
        (12, 0.0, HEIGHT, False),
    ]
    assert trend.words == "The last 3 runs took 1.0 s to 4.0 s, usually 3.0 s; 1 of them failed."


def test_runs_that_did_not_take_place_are_left_out() -> None:
    skipped = JobRun(state=JobRun.State.SKIPPED, finished_at=NOW)

    assert duration_trend([JobRun(state=JobRun.State.QUEUED), run(3, JobRun.State.RUNNING), skipped]) is None
    assert duration_trend([]) is None


def test_last_run_that_took_twice_as_long_is_told() -> None:
    slow, short, failed = (
        duration_trend([run(90), run(40), run(41)]),
        duration_trend([run(0.9), run(0.4), run(0.4)]),
        duration_trend([run(90, JobRun.State.GIVEN_UP), run(40), run(41)]),
    )

    assert slow is not None
    assert slow.warning == "The last one took 1 min 30 s, longer than usual."
    assert [one.warning for one in (short, failed) if one is not None] == ["", ""]


def test_single_run_in_no_time_is_drawn_and_said() -> None:
    trend = duration_trend([run(0, JobRun.State.SETTLED)])

    assert trend is not None
    assert trend.bars[0].height > 0
    assert trend.words == "Its only run took 0.0 s and failed."


def test_runs_that_failed_do_not_say_what_is_usual() -> None:
    bad = JobRun.State.GIVEN_UP
    mixed, none = (
        duration_trend([run(12), run(0.1, bad), run(0.1, bad), run(0.2, bad)]),
        duration_trend([run(3, bad), run(5, bad)]),
    )

    assert mixed is not None
    assert (mixed.usual, mixed.warning) == ("12 s", "")
    assert none is not None
    assert none.usual == ""
    assert none.words == "The last 2 runs took 3.0 s to 5.0 s; 2 of them failed."
