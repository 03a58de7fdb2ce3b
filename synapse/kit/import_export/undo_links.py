"""The way from an import to its undo, which another room knows.

What lives here: one registered function. What does not: undoing itself (synapse.kit.change_log, which stands above).
"""

from collections.abc import Callable

_makers: list[Callable[[str], str]] = []


def register_undo_links(maker: Callable[[str], str]) -> None:
    """Let `maker` say, within a writing transaction of a database alias, the address of the page that undoes it."""
    _makers[:] = [maker]


def undo_link(alias: str) -> str:
    """Return the address of the page that undoes the running transaction; empty where nobody knows one."""
    return _makers[0](alias) if _makers else ""
