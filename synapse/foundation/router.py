"""The database router: which database a model, a migration or a raw SQL step belongs to."""

from typing import Any, Final

from django.db.models import Model

from synapse.foundation.databases import ALIASES, ANALYTICS, BUSINESS_CORE, REVENUE

_HOME: Final = {"business_core": BUSINESS_CORE, "analytics": ANALYTICS, "revenue": REVENUE}

EVERYWHERE: Final = frozenset({"change_log", "legacy_import"})
"""Apps whose tables are in all three databases, beside the rows they are about."""

_EVERYWHERE_TOO: Final = frozenset({("job_base", "jobeffect")})
"""Single tables that are."""

_ONCE: Final = frozenset(
    ("legacy_import", name)
    for name in ("validationrun", "sourcesync", "lossquestion", "sourcewithdrawal", "undeclaredfile")
)
"""Models of such apps that are in the business core alone: they are about all three databases, or about none.

A list, not an attribute of the models: a migration must run as it did also when a model is gone from the code.
"""


class SynapseRouter:
    """Send each app to its database; Django's own tables and the job queue share the business core."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """Return the alias the model is read from; None lets the instance's own database decide."""
        return self._model_database(model)

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        """Return the alias the model is written to; None lets the instance's own database decide."""
        return self._model_database(model)

    def allow_relation(self, left: Model, right: Model, **hints: Any) -> bool | None:
        """Allow relations within one database only: no foreign key spans two."""
        return left._state.db == right._state.db

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        """Say whether a migration step of the app runs in the database; `databases` in hints narrows it."""
        if "databases" in hints and db not in hints["databases"]:
            return False
        if (app_label, model_name) in _ONCE:
            return db == BUSINESS_CORE
        if app_label in EVERYWHERE or (app_label, model_name) in _EVERYWHERE_TOO:
            return db in ALIASES
        return db == _HOME.get(app_label, BUSINESS_CORE)

    @staticmethod
    def _model_database(model: type[Model]) -> str | None:
        """Return the alias of the model's database; None where it has a table in each."""
        pinned: str | None = getattr(model, "database_alias", None)
        if pinned is not None:
            return pinned
        if (model._meta.app_label, model._meta.model_name) in _ONCE:
            return BUSINESS_CORE
        if model._meta.app_label in EVERYWHERE or (model._meta.app_label, model._meta.model_name) in _EVERYWHERE_TOO:
            return None
        return _HOME.get(model._meta.app_label, BUSINESS_CORE)
