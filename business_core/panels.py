"""The business core's panel of the front page; imported when the program starts (synapse.kit.admin.apps)."""

from business_core.front_page.panel import build_inquiries_panel
from synapse.kit.panels.front_page import FRONT_PAGE_PANELS, FrontPagePanel

FRONT_PAGE_PANELS.register(
    FrontPagePanel("inquiries", 10, "business_core/front_page/panel.html", build_inquiries_panel)
)
