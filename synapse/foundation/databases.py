"""The three databases: their aliases, their names, and their addresses from the environment.

Called by settings.py. Which model is in which database is router.py's.
"""

from typing import Any, Final

import environ
from django.core.exceptions import ImproperlyConfigured

BUSINESS_CORE: Final = "default"
ANALYTICS: Final = "analytics"
REVENUE: Final = "revenue"

ALIASES: Final = (BUSINESS_CORE, ANALYTICS, REVENUE)

URL_VARIABLES: Final = {
    BUSINESS_CORE: "DATABASE_URL",
    ANALYTICS: "ANALYTICS_DATABASE_URL",
    REVENUE: "REVENUE_DATABASE_URL",
}

DATABASE_NAMES: Final = {
    BUSINESS_CORE: "synapse_business_core",
    ANALYTICS: "synapse_analytics_intelligence",
    REVENUE: "synapse_revenue_intelligence",
}

_POSTGRESQL_ENGINE: Final = "django.db.backends.postgresql"


def configured_databases(
    env: environ.Env, *, production: bool, behind_pgbouncer: bool = False
) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES from the environment.

    All three URLs set: those servers. None set: the embedded server, which starts itself on the first connection.

    Raises ImproperlyConfigured where one or two are set, where production has none, or where a URL is not PostgreSQL's.
    """
    urls = {alias: env.str(variable, default="") for alias, variable in URL_VARIABLES.items()}
    missing = [URL_VARIABLES[alias] for alias, url in urls.items() if not url]
    if len(missing) == len(ALIASES):
        if production:
            raise ImproperlyConfigured(
                f"In production set {', '.join(missing)}: the embedded PostgreSQL is for a single machine."
            )
        # No address: the engine fills it in when it has started the server.
        return {
            alias: {
                "ENGINE": "synapse.foundation.embedded_postgres.backend",
                "NAME": DATABASE_NAMES[alias],
                "OPTIONS": _connection_options(alias),
                "CONN_MAX_AGE": 60,
                "CONN_HEALTH_CHECKS": True,
            }
            for alias in ALIASES
        }
    if missing:
        raise ImproperlyConfigured(f"Set all three database URLs or none: {', '.join(missing)} is missing.")
    return {alias: _external_database(env, alias, behind_pgbouncer=behind_pgbouncer) for alias in ALIASES}


def _external_database(env: environ.Env, alias: str, *, behind_pgbouncer: bool) -> dict[str, Any]:
    variable = URL_VARIABLES[alias]
    database: dict[str, Any] = dict(env.db_url(variable))
    if database["ENGINE"] != _POSTGRESQL_ENGINE:
        raise ImproperlyConfigured(f"{variable} must be a postgresql:// URL: Synapse needs PostgreSQL 16 or newer.")
    database["OPTIONS"] = {**database.get("OPTIONS", {}), **_connection_options(alias)}
    database["CONN_MAX_AGE"] = 60
    database["CONN_HEALTH_CHECKS"] = True
    if behind_pgbouncer:
        # In transaction mode the next statement may meet another server process, which knows nothing of the cursor or
        # of what the last one prepared.
        database["DISABLE_SERVER_SIDE_CURSORS"] = True
        database["OPTIONS"]["prepare_threshold"] = None
    return database


def _connection_options(alias: str) -> dict[str, Any]:
    return {"application_name": f"synapse {alias}"}
