"""The legacy keys of A/B test variants, from the ledger: key to variant, and variant to key, one query each.

Registered with the revenue app (revenue.legacy_keys), which must not import this one; assignments_panel calls it too.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from legacy_import.cells import MARK
from legacy_import.models import LedgerRow
from legacy_import.services.legacy_tables import ledger_id
from revenue.legacy_keys import register_legacy_key_lookup
from synapse.foundation.databases import REVENUE

SOURCE: Final = "ab_testing"
_TABLE: Final = "test_variants"


def legacy_keys_by_variant(variants: Iterable[UUID]) -> dict[UUID, str]:
    """Return the legacy keys of the variants that were imported, of those whose key is a plain text."""
    landed = LedgerRow.objects.using(REVENUE).filter(target_key__in=list(variants), owns=True)
    found = landed.filter(source=SOURCE, legacy_table=_TABLE).values_list("target_key", "key")
    # What the ledger has to spell with a tag, a number or odd bytes, no text column can give the legacy scripts back.
    return {target: key for target, key in found if target is not None and not key.startswith(MARK)}


def find_variants_by_key(keys: Iterable[str]) -> dict[str, UUID]:
    """Return the variants that the rows of these legacy keys became."""
    ids = [ledger_id(SOURCE, _TABLE, key) for key in keys]
    landed = LedgerRow.objects.using(REVENUE).filter(pk__in=ids, owns=True)
    return {key: target for key, target in landed.values_list("key", "target_key") if target is not None}


register_legacy_key_lookup(legacy_keys_by_variant)
