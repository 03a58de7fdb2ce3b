"""What the import shows on the console's pages; imported when the program starts (synapse.console.apps)."""

from legacy_import.admin.front_page_panel import build_waiting_panel, sources_page_address
from synapse.kit.panels.front_page import FRONT_PAGE_PANELS, IMPORT_PAGES, FrontPagePanel, ImportPage

FRONT_PAGE_PANELS.register(
    FrontPagePanel("what waits", 30, "legacy_import/front_page_panel.html", build_waiting_panel, is_narrow=True)
)
IMPORT_PAGES.register(ImportPage("import sources", 10, sources_page_address))
