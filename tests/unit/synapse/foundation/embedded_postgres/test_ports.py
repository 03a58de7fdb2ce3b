"""Which ports are tried."""

import socket
from pathlib import Path

import pytest

from synapse.foundation.embedded_postgres import EmbeddedPostgresError
from synapse.foundation.embedded_postgres.ports import candidate_ports, is_port_free, wanted_port

HOME = Path("/srv/synapse/var/postgres")


@pytest.fixture(autouse=True)
def no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNAPSE_PG_PORT", raising=False)


def test_home_keeps_its_port() -> None:
    assert wanted_port(HOME) == wanted_port(HOME)
    assert 20_000 <= wanted_port(HOME) < 30_000


def test_other_home_has_another_port() -> None:
    assert wanted_port(HOME) != wanted_port(HOME.with_name("other"))


def test_named_port_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_PG_PORT", "54329")

    assert wanted_port(HOME) == 54329


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "5432 ", "²"])
def test_named_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SYNAPSE_PG_PORT", text)

    with pytest.raises(EmbeddedPostgresError, match="SYNAPSE_PG_PORT must be a port from 1 to 65535"):
        wanted_port(HOME)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_busy_port_is_passed_over(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    with socket.create_server((address, 0)) as listener:
        busy = listener.getsockname()[1]
        monkeypatch.setenv("SYNAPSE_PG_PORT", str(busy))

        assert not is_port_free(busy)
        assert busy not in list(candidate_ports(HOME))
