"""Structured logs: one event per line, with the ids of the request, the job's run and the source it belongs to.

`structlog.stdlib.get_logger(__name__).info("job.ended", seconds=3)` writes one; a module of the standard library's
logging lands in the same lines. What every line of a unit has is bound once: context.py. An exception that nobody
foresaw: unforeseen.py. docs/logging.md lists the events.
"""
