"""Secrets kept out of the log: fields by their name, passwords in addresses and assignments by their form."""

import re
from typing import Any, Final

HIDDEN: Final = "[hidden]"

_SECRET_NAME: Final = re.compile(
    r"passw|secret|token|session|cookie|csrf|authori[sz]ation|credential|api_?key|dsn", re.IGNORECASE
)
_ADDRESS_PASSWORD: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s/]+@", re.IGNORECASE)
_ASSIGNED: Final = re.compile(
    r"(\b\w*(?:passw(?:or)?d|secret|token|sessionid|api_?key)\w*['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\"|[^\s,;)&]+)",
    re.IGNORECASE,
)


def is_secret_name(name: str) -> bool:
    """Say whether a field of this name may hold a secret."""
    return _SECRET_NAME.search(name) is not None


def redact_secrets(text: str) -> str:
    """Return the text with passwords in addresses (scheme://user:password@host) and assignments hidden."""
    if "://" in text:
        text = _ADDRESS_PASSWORD.sub(rf"\1:{HIDDEN}@", text)
    return _ASSIGNED.sub(rf"\1{HIDDEN}", text)


def redact_value(name: str, value: Any) -> Any:
    """Return the field's value as a line may hold it: hidden where its name says secret, a plain type, no secret."""
    if is_secret_name(name):
        return HIDDEN
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {str(key): redact_value(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(name, item) for item in value]
    try:
        return redact_secrets(str(value))
    except Exception:  # noqa: BLE001 - whatever a value's own code raises, the line is written
        return f"({type(value).__name__} without words)"
