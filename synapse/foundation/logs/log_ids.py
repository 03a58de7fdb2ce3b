"""Ids by which a line is found in the log: made here, or brought by a proxy in X-Request-ID."""

import re
import secrets
from typing import Final

_ACCEPTED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,63}", re.ASCII)


def new_log_id() -> str:
    """Return an id of 16 hexadecimal digits: short enough to be read out on the telephone."""
    return secrets.token_hex(8)


def accepted_log_id(offered: str | None) -> str | None:
    """Return the id that somebody else made, where it is 8 to 64 letters, digits and hyphens; None where not."""
    return offered if offered and _ACCEPTED.fullmatch(offered) else None
