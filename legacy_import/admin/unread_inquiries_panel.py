"""The panel of unread inquiries: on the front page and on the pipeline's dashboard, for all who may see inquiries.

Registered in legacy_import.panels; absent while no inquiry waits in the quarantine.
"""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from business_core.models import ConsultationInquiry
from legacy_import.admin.database_pages import QUARANTINED_ROWS
from legacy_import.services.unread_inquiries import read_unread_inquiries, who_settles
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.admin.permissions import changelist_address, may_view


@dataclass(frozen=True, slots=True)
class UnreadInquiriesPanel:
    """How many inquiries could not be read (`them` is "it" or "them"), and what this person can do about it.

    `desk` is empty for a person who may not open the quarantine, `ask` for one who may settle its rows.
    """

    sentence: str
    them: str
    desk: str
    ask: str


def build_unread_inquiries_panel(request: HttpRequest, _now: datetime) -> UnreadInquiriesPanel | None:
    """Return the panel; None where no inquiry waits, and for a person who may not see inquiries."""
    if not may_view(request, ConsultationInquiry):
        return None
    found = read_unread_inquiries()
    if not found:
        return None
    model = QUARANTINED_ROWS[BUSINESS_CORE]
    desk = changelist_address(model) if may_view(request, model) else ""
    may_settle = desk and request.user.has_perm("legacy_import.settle_quarantine")
    them = "it" if found.worth.inquiries == 1 else "them"
    return UnreadInquiriesPanel(found.sentence, them, desk, "" if may_settle else who_settles())
