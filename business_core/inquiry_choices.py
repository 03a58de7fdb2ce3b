"""The words of an inquiry: its stages, its types, the ways it came in.

What lives here: the values the legacy scripts write, and ours. What does not: the table
(models/consultation_inquiry.py); the querysets need these words before the table is made.
"""

from typing import Final

from django.db import models

UNKNOWN: Final = "Unknown"
"""What the legacy scripts, and imports of texts they left out, call what nobody knows."""


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
    UNKNOWN = UNKNOWN, "Unknown"


class InquiryChannel(models.TextChoices):
    """The ways inquiries come in; the legacy scripts write the first two, the column takes others too."""

    LINKEDIN_COMMENT = "linkedin_comment", "LinkedIn comment"
    LINKEDIN_DM = "linkedin_dm", "LinkedIn message"
    EMAIL = "email", "E-mail"
    PHONE = "phone", "Phone"
    REFERRAL = "referral", "Referral"
    WEBSITE = "website", "Website"
    EVENT = "event", "Event"
    UNKNOWN = UNKNOWN, "Unknown"


class DataSource(models.TextChoices):
    """Where rows of the business core come from; rows added by hand are Synapse's own."""

    LINKEDIN_PRIMARY = "linkedin_primary", "LinkedIn, primary file"
    LINKEDIN_DUPLICATE = "linkedin_duplicate", "LinkedIn, second file"
    WEEK3 = "week3", "Week three"
    CONTENT_ANALYTICS = "content_analytics", "Content analytics"
    TWITTER = "twitter", "Twitter"
    SYNAPSE = "synapse", "Added in Synapse"
