"""The page "The consolidation in numbers": its request; standing and backups read the figures, sections shows them."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from legacy_import.admin.consolidation.database_status import read_database_status
from legacy_import.admin.consolidation.sections import database_section, overview_section
from legacy_import.admin.sync_status import read_sync_statuses
from legacy_import.models import ImportSource
from legacy_import.services import last_validation
from legacy_import.sources import SOURCES
from synapse.foundation.databases import ALIASES
from synapse.kit.admin.permissions import may_view
from synapse.kit.dashboard import dashboard_page


@require_safe
def consolidation_dashboard(request: HttpRequest) -> TemplateResponse:
    """Show the consolidation in numbers to those who may see the sources. Raises PermissionDenied for others."""
    if not may_view(request, ImportSource):
        raise PermissionDenied
    now = timezone.now()
    standings = [read_database_status(alias) for alias in ALIASES]
    syncs = read_sync_statuses(source.name for source in SOURCES)
    databases = (database_section(request, standing, syncs, now) for standing in standings)
    return dashboard_page(
        request,
        title="The consolidation in numbers",
        sections=[overview_section(request, standings, last_validation()), *databases],
    )
