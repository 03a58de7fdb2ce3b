"""The link from an import, or a delete, to its undo.

The change log stands above and registers the function that makes it (synapse.kit.change_log.reverting.revert).
"""

from collections.abc import Callable

_makers: list[Callable[[str], str]] = []


def register_undo_links(maker: Callable[[str], str]) -> None:
    """Register what returns, within a writing transaction of a database alias, the address of its undo."""
    _makers[:] = [maker]


def undo_link(alias: str) -> str:
    """Return the address of the page that undoes the running transaction; empty without a change log."""
    return _makers[0](alias) if _makers else ""
