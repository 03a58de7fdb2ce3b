"""The order of a test's variants: the first is the control, the one the others are compared with.

Variants follow their `position` where one is set (the form numbers those of a new test as they were typed, and anyone
may change it), then the moment they were created, then their legacy key (`…_variant_2` before `…_variant_10`: the
legacy script made a test's variants within a second), then their name. Names alone would make any variant the control.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, QuerySet, UUIDField, Value

from revenue.legacy_keys import legacy_keys_by_variant
from revenue.models import ABTestVariant

HOW: Final = (
    "The control is the first variant by its order; where no order is set, the one created first, "
    "as the legacy file numbered them, or else the first by name."
)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_DIGITS: Final = re.compile(r"(\d+)")


def sort_variants(variants: Iterable[ABTestVariant], keys: Mapping[UUID, str]) -> list[ABTestVariant]:
    """Return the variants with each test's control before its others; `keys` are their legacy ones."""
    return sorted(variants, key=lambda row: _sort_key(row, keys))


def order_variant_queryset(variants: QuerySet[ABTestVariant]) -> QuerySet[ABTestVariant]:
    """Return the rows as a queryset in that order; for one test's variants, since their keys travel in the query."""
    rows = list(variants)
    ids = [row.pk for row in sort_variants(rows, legacy_keys_by_variant(row.pk for row in rows))]
    place = Func(Value(ids, ArrayField(UUIDField())), F("pk"), function="array_position", output_field=IntegerField())
    return variants.order_by(place)


def _sort_key(row: ABTestVariant, keys: Mapping[UUID, str]) -> tuple[Any, ...]:
    # Natural order of the legacy key: split into texts and numbers, so that 10 comes after 2. A number and a text at
    # the same place never meet as such: each part is a pair, and a text sorts first.
    parts = filter(None, _DIGITS.split(keys.get(row.pk, "")))
    natural = [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
    unset = row.position is None
    return unset, row.position or 0, row.created_at or _LAST, not natural, natural, row.variant_name, row.pk
