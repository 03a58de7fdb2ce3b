"""The words of an inquiry: its stages and its types.

What lives here: the values the legacy scripts write. What does not: the table (models/consultation_inquiry.py); the
querysets need these words before the table is made.
"""

from typing import Final

from django.db import models


class InquiryStatus(models.TextChoices):
    """The stages the legacy scripts write, in order; the column takes others too."""

    NEW = "new", "New"
    CONTACTED = "contacted", "Contacted"
    QUALIFIED = "qualified", "Qualified"
    DISCOVERY_SCHEDULED = "discovery_scheduled", "Discovery scheduled"
    PROPOSAL_SENT = "proposal_sent", "Proposal sent"
    CLOSED_WON = "closed_won", "Closed: won"
    CLOSED_LOST = "closed_lost", "Closed: lost"


CLOSED_STATUSES: Final = frozenset({InquiryStatus.CLOSED_WON.value, InquiryStatus.CLOSED_LOST.value})
"""Statuses after which nothing is left to do."""


class InquiryType(models.TextChoices):
    """What the legacy scripts say people ask for; the column takes others too."""

    TEAM_BUILDING = "team_building", "Team building"
    ARCHITECTURE = "architecture", "Architecture"
    FRACTIONAL_CTO = "fractional_cto", "Fractional CTO"
    NOBUILD_AUDIT = "nobuild_audit", "NOBUILD audit"
