"""The example units for systemd restart what dies, and leave the supervisor the time its stop needs."""

from configparser import ConfigParser
from pathlib import Path

import pytest
from django.conf import settings

DEPLOY = Path(__file__).resolve().parents[2] / "docs" / "deploy"


def _service(name: str) -> dict[str, str]:
    unit = ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd tells cases apart
    unit.read(DEPLOY / name)
    return dict(unit["Service"])


@pytest.mark.parametrize("name", ["synapse-web.service", "synapse-workers.service"])
def test_service_is_always_restarted_and_its_leader_asked_first(name: str) -> None:
    service = _service(name)

    assert (service["Restart"], service["KillMode"]) == ("always", "mixed")


def test_workers_have_the_time_to_stop() -> None:
    assert int(_service("synapse-workers.service")["TimeoutStopSec"]) >= settings.JOB_STOP_SECONDS + 20


def test_workers_run_the_supervisor() -> None:
    assert _service("synapse-workers.service")["ExecStart"].endswith("manage.py supervise_jobs")
