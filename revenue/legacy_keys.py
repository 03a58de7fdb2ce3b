"""The legacy keys of variants: a hook that legacy_import registers with, because apps may not import it.

Without a registered look-up no variant has a legacy key.

`ab_tests.winning_variant` holds a legacy key and the legacy scripts look their variant up by it, so a winner confirmed
here has to be written in their words; and the first variant of a legacy test is the one whose key says so.
"""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

LegacyKeyLookup = Callable[[Iterable[UUID]], Mapping[UUID, str]]
"""Returns the legacy keys of these variants; those made here have none. One query for any number."""

_registered: list[LegacyKeyLookup] = []


def register_legacy_key_lookup(answer: LegacyKeyLookup) -> None:
    """Register the look-up of variants' legacy keys; called by legacy_import."""
    _registered.append(answer)


def legacy_keys_by_variant(variants: Iterable[UUID]) -> dict[UUID, str]:
    """Return the legacy keys of these variants, without those that have none."""
    wanted = list(variants)
    if not wanted:
        return {}
    return {variant: key for answer in _registered for variant, key in answer(wanted).items()}
