"""Which variant a test's `winning_variant` names.

The legacy scripts look a winner up by the legacy `variant_id`, so for an imported variant its legacy key is written;
a variant made here has no such key and the legacy files have no such row, so it is named by its own id. A name, which
somebody may have typed, is read as well; it is never written, for a variant can be renamed.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from revenue.legacy_keys import legacy_keys_by_variant
from revenue.models import ABTestVariant


def find_winning_variant(
    winning_variant: str | None, variants: Iterable[ABTestVariant], keys: Mapping[UUID, str]
) -> ABTestVariant | None:
    """Return the variant that `winning_variant` names, None where it names none; `keys` are their legacy ones."""
    if not winning_variant:
        return None
    names = ((row, {keys.get(row.pk), str(row.pk), row.variant_name}) for row in variants)
    return next((row for row, spellings in names if winning_variant in spellings), None)


def winning_variant_key(variant: ABTestVariant) -> str:
    """Return the value of `winning_variant` for this variant: its legacy key, or its own id where it has none."""
    return legacy_keys_by_variant([variant.pk]).get(variant.pk, str(variant.pk))
