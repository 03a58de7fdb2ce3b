"""Links beside a source's state: its last import, the last validation, its quarantine; empty where a person may not.

The states themselves are legacy_import.services.source_states'.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from legacy_import.admin.database_pages import QUARANTINED_ROWS, RUNS, quarantine_url
from legacy_import.models import ValidationRun
from legacy_import.services import SourceState
from synapse.kit.admin.permissions import may_view


@dataclass(frozen=True, slots=True)
class SourceLinks:
    """Addresses; empty where there is nothing to look at, or this person may not."""

    last_run: str = ""
    validation: str = ""
    quarantine: str = ""


def build_source_links(request: HttpRequest, state: SourceState) -> SourceLinks:
    """Return the links beside the state that this person may open."""
    run, quarantined = RUNS[state.database], QUARANTINED_ROWS[state.database]
    validation = ""
    if state.validation and may_view(request, ValidationRun):
        # The first check of the source, below the report's head.
        page = reverse("admin:legacy_import_validationrun_change", args=[state.validation])
        validation = f"{page}#{state.source}-record-counts"
    return SourceLinks(
        last_run=reverse(f"admin:legacy_import_{run._meta.model_name}_change", args=[state.last_run])
        if state.last_run and may_view(request, run)
        else "",
        validation=validation,
        quarantine=quarantine_url(state.database, state.source) if may_view(request, quarantined) else "",
    )
