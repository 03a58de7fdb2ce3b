"""A person's first minutes: clone, `make run`, log in, look at the inquiries, stop it, start it again."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

pytestmark = [pytest.mark.faults, pytest.mark.alone, pytest.mark.timeout(600)]

_FRONT_PAGE = re.compile(r"<title>\s*Today, ")

PROJECT = Path(__file__).resolve().parents[2]
PORT = 28_877
OURS = re.compile(r"^(SYNAPSE_|PG|PYTEST_|DJANGO_|LEGACY_|(ANALYTICS_|REVENUE_)?DATABASE_URL|MAKE|MFLAGS|VIRTUAL_ENV)")


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    """A fresh clone in an empty folder that the embedded PostgreSQL's account can reach."""
    top = Path(tempfile.mkdtemp(prefix="synapse-clone-"))
    top.chmod(0o755)
    subprocess.run(["git", "clone", "--quiet", PROJECT, top / "synapse"], check=True)
    yield top / "synapse"
    # Where the test failed half way.
    if (top / "synapse" / ".venv").exists():
        _manage(top / "synapse", "postgres", "stop")
    shutil.rmtree(top)


class _MakeRun:
    """`make run`, started as from a terminal: in a process group of its own."""

    def __init__(self, clone: Path) -> None:
        self.output = ""
        self._clone = clone
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env=_environment(clone),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait_until_ready(self) -> float:
        """Read until the last line of the greeting; return the seconds it took."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output += line
            if line.startswith("Ctrl-C stops it."):
                return time.monotonic() - self._began
        raise AssertionError(self.output)

    def found(self, pattern: str) -> str:
        match = re.search(pattern, self.output)
        assert match, self.output
        return match[1]

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.killpg(self._process.pid, signal.SIGINT)
        output, _ = self._process.communicate(timeout=30)
        self.output += output

    def end(self) -> None:
        if self._process.poll() is None:
            self.interrupt()

    def processes(self) -> list[str]:
        """Return the processes that run out of the clone, PostgreSQL's among them."""
        lines = []
        for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
            known = [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
            if any(str(self._clone.parent) in part for part in known) and process.pid != os.getpid():
                lines.append(f"{process.pid} {' '.join(known)}")
        return lines


class _Browser:
    """As much of a browser as logging in takes."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self._cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def get(self, path: str) -> str:
        with self._opener.open(f"{self._address}{path}", timeout=20) as page:
            return str(page.read().decode())

    def log_in(self, password: str) -> str:
        self.get("/admin/login/")
        token = next(cookie.value for cookie in self._cookies if cookie.name == "csrftoken")
        form = {"username": "admin", "password": password, "csrfmiddlewaretoken": token, "next": "/admin/"}
        with self._opener.open(f"{self._address}/admin/login/", urlencode(form).encode(), timeout=20) as page:
            return str(page.read().decode())


def test_first_minutes(clone: Path) -> None:
    first = _MakeRun(clone)
    try:
        first_seconds = first.wait_until_ready()
        password = first.found(r"Log in as admin with the password (\S+) ")
        assert first.found(r"Synapse is ready: [\s\S]*(The legacy files are in step) \(13 imported\)")
        browser = _Browser(first.found(r"Synapse is ready: (\S+)"))
        assert _FRONT_PAGE.search(browser.log_in(password))
        inquiries = browser.get("/admin/business_core/consultationinquiry/")
        assert "18 rows" in inquiries
        assert len(browser.get("/static/admin/css/base.css")) > 1000
        assert "Synapse runs from this folder already" in _second_start(clone)
        assert first.processes()
        first.interrupt()
        assert first.processes() == []
        assert "Stopped." in first.output
    finally:
        first.end()

    second = _MakeRun(clone)
    try:
        second_seconds = second.wait_until_ready()
        assert "manage.py changepassword admin" in second.output
        assert "The legacy files are in step (13 unchanged)" in second.output
        assert password not in second.output
        assert _FRONT_PAGE.search(_Browser(second.found(r"Synapse is ready: (\S+)")).log_in(password))
        second.interrupt()
        assert second.processes() == []
    finally:
        second.end()

    print(f"\nmake run: first {first_seconds:.0f} s, second {second_seconds:.1f} s")  # noqa: T201
    assert second_seconds < 20
    assert _files_left_by_git(clone) == ""


def _second_start(clone: Path) -> str:
    """Start once more while the first one runs, and return its complaint."""
    done = _manage(clone, "start")
    assert done.returncode == 1, done.stdout
    return done.stderr


def _manage(clone: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [str(clone / ".venv" / "bin" / "python"), "manage.py", *arguments]
    return subprocess.run(command, cwd=clone, env=_environment(clone), capture_output=True, text=True, check=False)


def _environment(clone: Path) -> dict[str, str]:
    """Return a stranger's environment: nothing of Synapse's set but where this test needs it."""
    strangers = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    return {**strangers, "PORT": str(PORT), "SYNAPSE_PG_FALLBACK_DIR": str(clone.parent)}


def _files_left_by_git(clone: Path) -> str:
    """Return what a start leaves in the working tree that git would ask about."""
    status = ["git", "status", "--porcelain"]
    return subprocess.run(status, cwd=clone, check=True, capture_output=True, text=True).stdout
