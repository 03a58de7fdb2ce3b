"""What each page asks for: the permissions of who opens it and of who sends it.

What lives here: the rules, as data. What does not: the pages (tests.every_page.addresses reads them from the URL
configuration) and the roles (synapse.console.people.roles).
A page without a rule fails the test of the roles: say here who may open it.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from django.contrib import admin
from django.db.models import Model

from synapse.kit.admin.read_only import ReadOnlyAdmin
from tests.every_page.addresses import Address

Held = AbstractSet[str]
"""Permissions a person has, as app.codename."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a verb asks for: one of these sets of permissions in full; nobody has it where there is none."""

    sets: tuple[frozenset[str], ...] = ()
    anybody: bool = False
    staff: bool = False

    def is_met(self, held: Held, *, is_staff: bool) -> bool:
        """Say whether a person with these permissions is let in."""
        return self.anybody or (is_staff and (self.staff or any(one <= held for one in self.sets)))


@dataclass(frozen=True, slots=True)
class Rule:
    """What opening a page asks for and what sending it does; None: the page does not know that verb."""

    get: Need | None
    post: Need | None


ANYBODY: Final = Need(anybody=True)
STAFF: Final = Need(staff=True)
NOBODY: Final = Need()


def needs(*permissions: str) -> Need:
    """Ask for all of these permissions."""
    return Need((frozenset(permissions),))


def one_of(*permissions: str) -> Need:
    """Ask for one of these permissions."""
    return Need(tuple(frozenset({one}) for one in permissions))


def _of(model: type[Model], *verbs: str) -> Need:
    label = model._meta.app_label
    return needs(*(f"{label}.{verb}_{model._meta.model_name}" for verb in verbs))


def _looks(model: type[Model]) -> Need:
    """Who may look at a model's rows: who may change them, too."""
    return Need((*_of(model, "view").sets, *_of(model, "change").sets))


def _is_read_only(model: type[Model]) -> bool:
    return isinstance(admin.site.get_model_admin(model), ReadOnlyAdmin)


_PAGES: Final[dict[str, Callable[[type[Model]], Rule]]] = {
    "changelist": lambda model: Rule(_looks(model), _looks(model)),
    "add": lambda model: Rule(*(_writes(model, "add"),) * 2),
    "change": lambda model: Rule(_looks(model), _writes(model, "change")),
    "delete": lambda model: Rule(*(_writes(model, "delete"),) * 2),
    "undo": lambda _: Rule(*(needs("legacy_import.undo_import"),) * 2),
    "decide": lambda model: Rule(None, _with(model, "legacy_import.choose_divergence")),
    "group": lambda model: Rule(_looks(model), _with(model, "legacy_import.settle_quarantine")),
    "settled": lambda model: Rule(_looks(model), _looks(model)),
    "rows": lambda model: Rule(_looks(model), _looks(model)),
    "settle": lambda model: Rule(_looks(model), _with(model, "legacy_import.settle_quarantine")),
    "withdraw": lambda model: Rule(_looks(model), _with(model, "legacy_import.settle_quarantine")),
    "refresh": lambda model: Rule(None, needs(f"{model._meta.app_label}.refresh_{model._meta.model_name}")),
    "history": lambda model: Rule(_looks(model), _looks(model)),
    "export": lambda model: Rule(_looks(model), None),
    "import": lambda model: Rule(*(_writes(model, "add", "change"),) * 2),
    "import_preview": lambda model: Rule(*(_writes(model, "add", "change"),) * 2),
    "import_bad_rows": lambda model: Rule(_writes(model, "add", "change"), None),
}


def _with(model: type[Model], *permissions: str) -> Need:
    return Need(tuple(one | set(permissions) for one in _looks(model).sets))


def _writes(model: type[Model], *verbs: str) -> Need:
    # What stands in django-q's tables a worker calls: nobody writes it; of a job's schedule the time can be changed.
    is_called = model._meta.app_label == "django_q" and "delete" not in verbs
    changes_time = model._meta.model_name == "schedule" and "change" in verbs
    return NOBODY if _is_read_only(model) or (is_called and not changes_time) else _of(model, *verbs)


_RUNS = "legacy_import.run_import"
_CORE = ("post", "consultationinquiry", "businesspipeline")
_ANALYTICS = ("contentanalysis", "contentpattern", "performanceprediction", "attributiontracking")
_REVENUE = ("revenueopportunity", "contentrecommendation", "platformadaptation", "contentpiece", "abtest")


def _all_of(app: str, models: tuple[str, ...], *verbs: str) -> Need:
    return needs(*(f"{app}.{verb}_{model}" for verb in verbs for model in models))


def _one_of(app: str, models: tuple[str, ...], verb: str) -> Need:
    return one_of(*(f"{app}.{verb}_{model}" for model in models))


# The tests' rows of the business core are all made in one transaction: it is undone by deleting them.
_CHANGED_TOGETHER = Rule(_all_of("business_core", _CORE, "view"), _all_of("business_core", _CORE, "view", "delete"))
_REVERTED = Rule(None, needs("business_core.view_post", "business_core.delete_post"))
_ARCHIVE = Rule(*(needs("legacy_import.view_businesscorearchivedrow"),) * 2)
_ARCHIVES = Rule(
    *(one_of(*(f"legacy_import.view_{part}archivedrow" for part in ("businesscore", "analytics", "revenue"))),) * 2
)
_DECIDES: Final = Rule(None, needs("revenue.change_abtest", "revenue.change_abtestvariant"))
_NEVER: Final = Rule(NOBODY, NOBODY)
_SEES_JOBS: Final = Rule(needs("job_base.view_jobrun"), None)
_RUNS_JOBS: Final = Rule(None, needs("job_base.run_job"))
_SEES_RESULTS: Final = Need(
    tuple(
        frozenset({f"revenue.{test}_abtest", f"revenue.{variant}_abtestvariant"})
        for test in ("view", "change")
        for variant in ("view", "change")
    )
)

_NAMED: Final[dict[str, Rule]] = {
    "health-live": Rule(ANYBODY, None),
    "health-ready": Rule(ANYBODY, None),
    "metrics": Rule(needs("job_base.view_jobrun"), None),
    "admin:index": Rule(STAFF, STAFF),
    "admin:login": Rule(ANYBODY, ANYBODY),
    "admin:logout": Rule(ANYBODY, ANYBODY),
    "admin:app_list": Rule(*(_one_of("business_core", (*_CORE, "currentpipelinesummary"), "view"),) * 2),
    "admin:autocomplete": Rule(needs("business_core.view_post"), None),
    "admin:auth_user_password_change": Rule(*(needs("auth.change_user"),) * 2),
    "front-page-next-action": Rule(None, needs("business_core.change_consultationinquiry")),
    "dashboard-business-core": Rule(needs("business_core.view_consultationinquiry"), None),
    "dashboard-analytics": Rule(_one_of("analytics", _ANALYTICS, "view"), None),
    "dashboard-revenue": Rule(_one_of("revenue", _REVENUE, "view"), None),
    "operations:console": _SEES_JOBS,
    "operations:live": _SEES_JOBS,
    "operations:job": _SEES_JOBS,
    "operations:job-live": _SEES_JOBS,
    "operations:run": _SEES_JOBS,
    "operations:run-live": _SEES_JOBS,
    "operations:run-now": _RUNS_JOBS,
    "operations:pause": _RUNS_JOBS,
    "operations:resume": _RUNS_JOBS,
    "operations:retry": _RUNS_JOBS,
    "operations:settle": _RUNS_JOBS,
    "operations:reopen": _RUNS_JOBS,
    "dashboard-consolidation": Rule(one_of(_RUNS, "legacy_import.view_importrun"), None),
    "ab-calculator": Rule(needs("revenue.view_abtest"), None),
    "ab-glossary": Rule(needs("revenue.view_abtest"), None),
    "changes:transaction": _CHANGED_TOGETHER,
    "changes:revert": _REVERTED,
    "changes:deleted": Rule(_one_of("business_core", _CORE, "view"), None),
    "notices:list": Rule(STAFF, None),
    "notices:read": Rule(None, STAFF),
    "notices:mine": Rule(STAFF, STAFF),
    "changes:row": Rule(needs("business_core.view_post"), None),
    "admin:legacy_import_archivedtable_changelist": _ARCHIVES,
    "admin:legacy_import_archivedtable_table": _ARCHIVE,
    "admin:legacy_import_archivedtable_csv": _ARCHIVE,
    "admin:password_change": Rule(STAFF, STAFF),
    "admin:password_change_done": Rule(STAFF, None),
    "admin:jsi18n": Rule(STAFF, None),
    "admin:search": Rule(STAFF, STAFF),
    "admin:view_on_site": Rule(STAFF, STAFF),
    "admin:legacy_import_importsource_changelist": Rule(
        one_of(_RUNS, "legacy_import.view_importrun"), one_of(_RUNS, "legacy_import.view_importrun")
    ),
    "admin:legacy_import_importsource_import_all": Rule(None, needs(_RUNS)),
    "admin:legacy_import_importsource_import": Rule(None, needs(_RUNS)),
    "admin:legacy_import_importsource_answer": Rule(None, needs(_RUNS)),
    "admin:legacy_import_importsource_archive": Rule(None, needs(_RUNS)),
    "admin:legacy_import_importsource_withdraw": Rule(None, needs(_RUNS)),
    "admin:legacy_import_importsource_take_back": Rule(None, needs(_RUNS)),
    "admin:legacy_import_validationrun_validate": Rule(
        None, needs("legacy_import.view_validationrun", "job_base.run_job")
    ),
    # The tests' schedule is a job's: its time is changed, and the job paused, never deleted.
    "admin:django_q_schedule_delete": _NEVER,
    "admin:django_q_schedule_change": Rule(
        one_of("django_q.view_schedule", "django_q.change_schedule"), needs("django_q.change_schedule")
    ),
    "admin:revenue_abtest_result": Rule(_SEES_RESULTS, None),
    "admin:revenue_abtest_confirm": _DECIDES,
    "admin:revenue_abtest_complete": _DECIDES,
    "admin:revenue_abtest_reopen": _DECIDES,
}


def rule_of(address: Address) -> Rule | None:
    """Return what the page asks for, None where nobody has said."""
    named = _NAMED.get(address.name)
    if named is not None:
        return named
    if not address.name or address.name.endswith(":"):
        # Redirects, to pages that ask for themselves; those of the admin ask for a member of staff first.
        return Rule(*(STAFF if address.pattern.startswith("admin/") else ANYBODY,) * 2)
    make = _PAGES.get(address.page) if address.model is not None else None
    return None if make is None or address.model is None else make(address.model)
