"""`manage.py run_job`: which jobs there are, running one with its options, and how it ends."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.errors import NeedsPersonError
from synapse.kit.jobs.job import Option, Result
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.work import Work
from tests.integration.synapse.kit.jobs.conftest import Make

pytestmark = pytest.mark.django_db(databases=ALIASES)


def test_without_a_name_the_jobs_are_listed_with_their_options(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("run_job")

    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[0] == "validate" and line.endswith("(0 3 * * *)") for line in lines)
    assert any(line.startswith("    --set source=primary|") for line in lines)
    assert not JobRun.objects.exists()


def test_a_named_job_is_run_here_and_its_summary_printed(make_job: Make, capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[dict[str, Any]] = []

    def work(work: Work) -> Result:
        seen.append(dict(work.arguments))
        return {"summary": "Counted all."}

    make_job(work, options=(Option("all", "count all"), Option("kind", "of one kind", choices=("a", "b"))))

    call_command("run_job", "count", "--set", "all", "--set", "kind=b")

    assert capsys.readouterr().out == "Counted all.\n"
    assert seen == [{"all": True, "kind": "b"}]


def test_a_job_that_says_nothing_is_done(make_job: Make, capsys: pytest.CaptureFixture[str]) -> None:
    make_job(lambda _work: None)

    call_command("run_job", "count")

    assert capsys.readouterr().out == "Done.\n"


@pytest.mark.parametrize("arguments", [("nothing",), ("count", "--set", "nothing")])
def test_an_unknown_job_or_option_ends_with_two(make_job: Make, arguments: tuple[str, ...]) -> None:
    make_job(lambda _work: None)

    with pytest.raises(CommandError) as refused:
        call_command("run_job", *arguments)

    assert refused.value.returncode == 2


def test_a_failed_job_ends_with_one_and_its_reason(make_job: Make) -> None:
    def fail(_work: Work) -> Result:
        raise NeedsPersonError("Mend the file.")

    make_job(fail)

    with pytest.raises(CommandError, match="Mend the file") as failed:
        call_command("run_job", "count")

    assert failed.value.returncode == 1


def test_a_job_that_is_stopped_by_hand_ends_with_one(make_job: Make, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(_work: Work) -> Result:
        raise KeyboardInterrupt

    make_job(stop)

    with pytest.raises(SystemExit) as ended:
        call_command("run_job", "count")

    assert ended.value.code == 1
    assert "Stopped; what was done by then stays done." in capsys.readouterr().err
