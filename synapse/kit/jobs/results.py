"""A job's result and error texts, made fit for PostgreSQL: no NUL, no half of a surrogate pair, plain JSON.

Called by performing.py and attempts.py before they are written into the run's row.
"""

import json
from collections.abc import Mapping
from typing import Any

from synapse.foundation.text.storable import storable_text
from synapse.kit.jobs.errors import JobError
from synapse.kit.jobs.job import Result


class UnfitResultError(JobError):
    """The job returned something that is not JSON."""


def storable_result(result: Result) -> dict[str, Any] | None:
    """Return the result as JSON with storable text, None for None. Raises UnfitResultError where it is not JSON."""
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
