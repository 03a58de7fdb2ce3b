"""The import's panels of the front page, the pipeline's dashboard and Operations, its health probe and prune steps.

Imported when the program starts (synapse.kit.admin.apps).
"""

from typing import Final

from legacy_import.admin.front_page_panel import build_waiting_panel, sources_page_address
from legacy_import.admin.loading_panel import build_loading_panel
from legacy_import.admin.operations_panel import build_operations_panel
from legacy_import.admin.unread_inquiries_panel import build_unread_inquiries_panel
from legacy_import.health.probe import LEGACY_PROBE
from legacy_import.services.prune_steps import backup_prune_steps, validation_prune_steps
from synapse.kit.panels.front_page import FRONT_PAGE_PANELS, IMPORT_PAGES, FrontPagePanel, ImportPage
from synapse.kit.panels.health import HEALTH_PROBES
from synapse.kit.panels.operations import OPERATIONS_PANELS, OperationsPanel
from synapse.kit.panels.pipeline import PIPELINE_PANELS, PipelinePanel
from synapse.kit.panels.pruning import PRUNE_STEPS, PruneSteps

# First of all: while a load is under way, nothing below it is complete.
FRONT_PAGE_PANELS.register(FrontPagePanel("load under way", 1, "legacy_import/loading_panel.html", build_loading_panel))
# Before the inquiries, whose order is 10: what is missing from them is the first thing to know.
_UNREAD_TEMPLATE: Final = "legacy_import/unread_inquiries_panel.html"
FRONT_PAGE_PANELS.register(FrontPagePanel("unread inquiries", 5, _UNREAD_TEMPLATE, build_unread_inquiries_panel))
PIPELINE_PANELS.register(PipelinePanel("unread inquiries", 10, _UNREAD_TEMPLATE, build_unread_inquiries_panel))
FRONT_PAGE_PANELS.register(
    FrontPagePanel("what waits", 30, "legacy_import/front_page_panel.html", build_waiting_panel, is_narrow=True)
)
IMPORT_PAGES.register(ImportPage("import sources", 10, sources_page_address))
OPERATIONS_PANELS.register(
    OperationsPanel("consolidation", 10, "legacy_import/operations_panel.html", build_operations_panel)
)
HEALTH_PROBES.register(LEGACY_PROBE)
# Backups first: they take the room. Validations come after the console's own rows, whose order is 20.
PRUNE_STEPS.register(PruneSteps("backups and before-images", 10, backup_prune_steps))
PRUNE_STEPS.register(PruneSteps("validations", 30, validation_prune_steps))
