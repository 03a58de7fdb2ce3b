"""Reading the log in tests: what is logged within a block, as the lines' JSON."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from synapse.foundation.logs.lines import make_formatter, render_json


@contextmanager
def logged_events(level: int = logging.INFO) -> Iterator[list[dict[str, Any]]]:
    """Yield a list that holds, after the block, what was logged in it, as read back from its lines of JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(make_formatter(program="test", renderer=render_json))
    root, ours = logging.getLogger(), logging.getLogger("synapse.request")
    before = root.level, ours.level
    root.addHandler(handler)
    root.setLevel(level)
    ours.setLevel(level)
    events: list[dict[str, Any]] = []
    try:
        yield events
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])
        events += [json.loads(line) for line in stream.getvalue().splitlines()]


def only_event(events: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Return the one event of that name."""
    (found,) = [event for event in events if event["event"] == name]
    return found
