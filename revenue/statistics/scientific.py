"""Lazy imports of numpy and scipy.special, made when a number first needs them.

Together they take 0.25 s and 40 MB, which every command and every worker would pay at its start for numbers that only
the pages of A/B tests show. scipy.stats is not among them: it takes 0.75 s and 86 MB.
"""

from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def import_numpy() -> ModuleType:
    """Return numpy."""
    return import_module("numpy")


@cache
def import_scipy_special() -> ModuleType:
    """Return scipy.special."""
    return import_module("scipy.special")
