"""Revenue's panel of the front page; imported when the program starts (synapse.kit.admin.apps)."""

from revenue.front_page_panel import build_running_tests_panel
from synapse.kit.panels.front_page import FRONT_PAGE_PANELS, FrontPagePanel

FRONT_PAGE_PANELS.register(
    FrontPagePanel("running A/B tests", 20, "revenue/front_page_panel.html", build_running_tests_panel, is_narrow=True)
)
