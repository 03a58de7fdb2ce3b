"""The way to numpy and scipy.

What lives here: the two imports, made when first needed: together they take 0.3 s, which every command and every worker
would pay at its start for numbers only two pages show.
"""

from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def numpy() -> ModuleType:
    """Return numpy."""
    return import_module("numpy")


@cache
def special() -> ModuleType:
    """Return scipy.special."""
    return import_module("scipy.special")
