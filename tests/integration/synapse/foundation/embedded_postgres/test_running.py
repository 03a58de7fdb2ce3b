"""How the running server is set up, and who gets in."""

import os
import signal

from tests.checkouts import Checkout


def test_callers_postgres_variables_steer_nothing(running: Checkout) -> None:
    steering = {"PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGSSLMODE": "require", "PGDATA": "/proc", "PGUSER": "nobody"}

    assert running.query("SELECT current_user", **steering) == "synapse"


def test_ctrl_c_for_the_command_does_not_reach_the_server(checkout: Checkout) -> None:
    with checkout.start("-c", WAIT) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == "started\n"
        started = checkout.postmaster()
        os.killpg(command.pid, signal.SIGINT)

    assert command.returncode != 0
    assert checkout.query() == "1"
    assert checkout.postmaster() == started


def test_shell_gets_the_servers_address(running: Checkout) -> None:
    completed = running.run("dbshell", "--", "-Atc", "SELECT current_user")

    assert completed.stdout == "synapse\n", completed.stderr


def test_wrong_password_is_refused_by_the_server(running: Checkout) -> None:
    completed = running.run("-c", WRONG_PASSWORD)

    assert "password authentication failed" in completed.stderr


def test_settings_hold(running: Checkout) -> None:
    names = (
        "fsync listen_addresses unix_socket_directories shared_buffers max_wal_size client_connection_check_interval"
    )
    listing = ", ".join(f"'{name}'" for name in names.split())
    each = "string_agg(name || '=' || current_setting(name), ' ' ORDER BY name)"
    sql = f"SELECT {each} FROM pg_settings WHERE name IN ({listing})"

    assert running.query(sql) == (
        "client_connection_check_interval=1s fsync=on listen_addresses=127.0.0.1 max_wal_size=4GB "
        "shared_buffers=256MB unix_socket_directories="
    )


def test_text_folds_and_sorts_the_same_everywhere(running: Checkout) -> None:
    sorted_letters = "(SELECT string_agg(x, '' ORDER BY x) FROM unnest(array['ä', 'B', 'a', 'z']) AS x)"
    sql = f"SELECT upper('straße ăîșț') || ' ' || {sorted_letters}"

    assert running.query(sql) == "STRAßE ĂÎȘȚ Bazä"


WAIT = """
import os, time, django
os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()
from synapse.foundation.embedded_postgres import ensure_server_running
ensure_server_running()
print("started", flush=True)
time.sleep(60)
"""

WRONG_PASSWORD = """
import os, django, psycopg
os.environ["DJANGO_SETTINGS_MODULE"] = "synapse.settings"
django.setup()
from synapse.foundation.embedded_postgres import ensure_server_running
server = ensure_server_running()
psycopg.connect(host=server.host, port=server.port, user=server.user, password="wrong", dbname="postgres")
"""
