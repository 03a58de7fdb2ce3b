"""Where the looks of the business core's own pages are."""

from typing import Final

STYLES: Final = {"all": ["business_core/inquiries.css"]}
"""For an admin page's Media."""
