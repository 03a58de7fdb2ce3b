"""All three addresses or none; production needs them."""

from itertools import combinations

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from synapse.foundation.databases import ALIASES, DATABASE_NAMES, URL_VARIABLES, configured_databases

URLS = {variable: f"postgresql://u:p@db.example:6543/{alias}" for alias, variable in URL_VARIABLES.items()}
INCOMPLETE = [chosen for count in (1, 2) for chosen in combinations(URLS, count)]


@pytest.fixture(autouse=True)
def no_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in URLS:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def env() -> environ.Env:
    return environ.Env()


def set_urls(monkeypatch: pytest.MonkeyPatch, urls: dict[str, str]) -> None:
    for variable, url in urls.items():
        monkeypatch.setenv(variable, url)


@pytest.mark.parametrize("production", [False, True])
def test_all_set_gives_those_servers(monkeypatch: pytest.MonkeyPatch, env: environ.Env, *, production: bool) -> None:
    set_urls(monkeypatch, URLS)

    databases = configured_databases(env, production=production)

    assert tuple(databases) == ALIASES
    for alias, database in databases.items():
        assert database["ENGINE"] == "django.db.backends.postgresql"
        assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.example", 6543, alias)
        assert (database["USER"], database["PASSWORD"]) == ("u", "p")


def test_none_set_gives_the_embedded_server(env: environ.Env) -> None:
    databases = configured_databases(env, production=False)

    assert {alias: database["NAME"] for alias, database in databases.items()} == DATABASE_NAMES
    assert {database["ENGINE"] for database in databases.values()} == {"synapse.foundation.embedded_postgres.backend"}


@pytest.mark.parametrize("production", [False, True])
@pytest.mark.parametrize("chosen", INCOMPLETE)
def test_some_set_names_the_missing_ones(
    monkeypatch: pytest.MonkeyPatch, env: environ.Env, chosen: tuple[str, ...], *, production: bool
) -> None:
    set_urls(monkeypatch, {variable: URLS[variable] for variable in chosen})

    with pytest.raises(ImproperlyConfigured) as caught:
        configured_databases(env, production=production)

    named = str(caught.value).split(": ")[1].removesuffix(" is missing.").split(", ")
    assert set(named) == set(URLS) - set(chosen)


def test_production_with_none_is_refused(env: environ.Env) -> None:
    with pytest.raises(ImproperlyConfigured, match="In production set DATABASE_URL, ANALYTICS_"):
        configured_databases(env, production=True)


def test_an_empty_url_counts_as_none(monkeypatch: pytest.MonkeyPatch, env: environ.Env) -> None:
    set_urls(monkeypatch, dict.fromkeys(URLS, ""))

    assert configured_databases(env, production=False)["default"]["NAME"] == "synapse_business_core"


@pytest.mark.parametrize("url", ["sqlite:///tmp.db", "mysql://u:p@h/n"])
def test_another_kind_of_database_is_refused(monkeypatch: pytest.MonkeyPatch, env: environ.Env, url: str) -> None:
    set_urls(monkeypatch, {**URLS, "ANALYTICS_DATABASE_URL": url})

    with pytest.raises(ImproperlyConfigured, match="ANALYTICS_DATABASE_URL must be a postgresql:// URL"):
        configured_databases(env, production=False)


def test_options_in_the_url_are_kept(monkeypatch: pytest.MonkeyPatch, env: environ.Env) -> None:
    set_urls(monkeypatch, {**URLS, "DATABASE_URL": URLS["DATABASE_URL"] + "?sslmode=require"})

    options = configured_databases(env, production=False)["default"]["OPTIONS"]

    assert options == {"sslmode": "require", "application_name": "synapse default"}


def test_behind_pgbouncer_nothing_outlives_a_transaction(monkeypatch: pytest.MonkeyPatch, env: environ.Env) -> None:
    set_urls(monkeypatch, URLS)

    for database in configured_databases(env, production=True, behind_pgbouncer=True).values():
        assert database["DISABLE_SERVER_SIDE_CURSORS"] is True
        assert database["OPTIONS"]["prepare_threshold"] is None
