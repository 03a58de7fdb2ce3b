"""What a job returned, as its run's row can keep it.

What lives here: text and results made fit for PostgreSQL. What does not: writing them (attempts).
"""

import json
from collections.abc import Mapping
from typing import Any

from synapse.kit.jobs.errors import JobError
from synapse.kit.jobs.job import Result


class UnfitResultError(JobError):
    """What the job returned is no JSON."""


def storable_text(text: str) -> str:
    """Return the text without what PostgreSQL's text can't hold."""
    return text.replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


def storable_result(result: Result) -> dict[str, Any] | None:
    """Return the result as JSON with storable text. Raises UnfitResultError where it is none."""
    if result is None:
        return None
    if not isinstance(result, Mapping):
        raise UnfitResultError(f"What the job returned can't be kept: it is a {type(result).__name__} and no mapping.")
    try:
        cleaned: dict[str, Any] = _storable_json(json.loads(json.dumps(dict(result), allow_nan=False)))
    except (TypeError, ValueError, RecursionError) as error:
        raise UnfitResultError(f"What the job returned can't be kept: {error}.") from error
    return cleaned


def _storable_json(value: Any) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, list):
        return [_storable_json(item) for item in value]
    if isinstance(value, dict):
        return {storable_text(key): _storable_json(item) for key, item in value.items()}
    return value
