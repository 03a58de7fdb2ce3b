"""Settings are safe by default, and production refuses to start half configured."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
PRODUCTION = {
    "SYNAPSE_ENVIRONMENT": "production",
    "SECRET_KEY": "Vj8rM2qLx0ZtB4yHc6NwKe1UoSf3GpAd9TiRkXvYbQmJzWhEl7",
    "ALLOWED_HOSTS": "synapse.example.com",
    "DATABASE_URL": "postgresql://db.example.com/synapse_business_core",
    "ANALYTICS_DATABASE_URL": "postgresql://db.example.com/synapse_analytics_intelligence",
    "REVENUE_DATABASE_URL": "postgresql://db.example.com/synapse_revenue_intelligence",
}


def _ask(expression: str, var_dir: Path, **variables: str) -> str:
    """Evaluate the expression on fresh settings: they are read once per process."""
    done = _python(f"from synapse import settings; print({expression})", var_dir, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _refusal(var_dir: Path, **variables: str) -> str:
    done = _python("import synapse.settings", var_dir, **variables)
    assert done.returncode == 1, done.stdout
    return done.stderr.strip().splitlines()[-1]


def _python(code: str, var_dir: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "SYNAPSE_VAR_DIR": str(var_dir), "DEBUG": "false", **variables}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=environment, capture_output=True, check=False, text=True
    )


def test_nothing_set_is_safe(tmp_path: Path) -> None:
    assert _ask("settings.DEBUG, settings.DEBUG_TOOLBAR", tmp_path) == "False False"
    assert _ask("'debug_toolbar' in settings.INSTALLED_APPS", tmp_path) == "False"


def test_debug_brings_the_toolbar(tmp_path: Path) -> None:
    assert _ask("'debug_toolbar' in settings.INSTALLED_APPS", tmp_path, DEBUG="true") == "True"


def test_local_key_is_kept_and_private(tmp_path: Path) -> None:
    first = _ask("settings.SECRET_KEY", tmp_path)
    assert len(first) > 50
    assert _ask("settings.SECRET_KEY", tmp_path) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_production_starts_with_everything_set(tmp_path: Path) -> None:
    assert _ask("settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT", tmp_path, **PRODUCTION) == (
        "['synapse.example.com'] True"
    )
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL", "ANALYTICS_DATABASE_URL", "REVENUE_DATABASE_URL"])
def test_production_without_a_secret_or_a_database_is_refused(missing: str, tmp_path: Path) -> None:
    variables = {name: value for name, value in PRODUCTION.items() if name != missing}
    refusal = _refusal(tmp_path, **variables)
    assert refusal.startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert missing in refusal


def test_production_with_debug_is_refused(tmp_path: Path) -> None:
    assert "DEBUG must be off in production." in _refusal(tmp_path, **{**PRODUCTION, "DEBUG": "true"})


def test_unknown_environment_is_refused(tmp_path: Path) -> None:
    assert "must be local or production, not 'staging'" in _refusal(tmp_path, SYNAPSE_ENVIRONMENT="staging")


def test_production_passes_the_deployment_check(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "SYNAPSE_VAR_DIR": str(tmp_path), "DEBUG": "false", **PRODUCTION},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_a_task_is_not_delivered_again_while_it_runs(tmp_path: Path) -> None:
    enough = "q['retry'] > q['timeout'] * (q['queue_limit'] / q['workers'] + 2)"
    for workers in ("1", "2", "8"):
        assert _ask(f"[{enough} for q in [settings.Q_CLUSTER]]", tmp_path, JOB_WORKERS=workers) == "[True]", workers


SAID_IN_THE_EXAMPLE = {
    "PORT": "settings.PORT",
    "WEB_WORKERS": "settings.WEB_WORKERS",
    "WEB_THREADS": "settings.WEB_THREADS",
    "JOB_WORKERS": "settings.JOB_WORKERS",
    "JOB_RETRY_SECONDS": "settings.JOB_RETRY_SECONDS",
    "JOB_HEARTBEAT_SECONDS": "settings.JOB_HEARTBEAT_SECONDS",
    "JOB_GRACE_SECONDS": "settings.JOB_GRACE_SECONDS",
    "JOB_STOP_SECONDS": "settings.JOB_STOP_SECONDS",
    "LEGACY_LOCK_TIMEOUT_SECONDS": "settings.LEGACY_LOCK_TIMEOUT_SECONDS",
    "LEGACY_LOSS_SHARE": "settings.LEGACY_LOSS_SHARE",
    "SNAPSHOTS_ALL_HOURS": "settings.SNAPSHOTS_ALL_HOURS",
    "SNAPSHOTS_HOURLY_DAYS": "settings.SNAPSHOTS_HOURLY_DAYS",
    "EMAIL_TIMEOUT_SECONDS": "settings.EMAIL_TIMEOUT",
    "IMPORT_MOST_BYTES": "settings.IMPORT_MOST_BYTES",
    "IMPORT_MOST_ROWS": "settings.IMPORT_MOST_ROWS",
}


def test_defaults_are_the_figures_that_the_example_says(tmp_path: Path) -> None:
    example = dict(re.findall(r"^# ([A-Z_]+)=([0-9.]+)$", (PROJECT / ".env.example").read_text(), re.MULTILINE))

    defaults = _ask(f"[float(one) for one in ({', '.join(SAID_IN_THE_EXAMPLE.values())})]", tmp_path)

    assert defaults == str([float(example[name]) for name in SAID_IN_THE_EXAMPLE])
    assert set(example) == {*SAID_IN_THE_EXAMPLE, "SECURE_HSTS_SECONDS"}


def test_production_asks_browsers_for_https_for_the_seconds_that_the_example_says(tmp_path: Path) -> None:
    assert "\n# SECURE_HSTS_SECONDS=31536000\n" in (PROJECT / ".env.example").read_text()
    assert _ask("settings.SECURE_HSTS_SECONDS", tmp_path, **PRODUCTION) == "31536000"
