"""The first variant is the control, however its order is known."""

from datetime import UTC, datetime, timedelta
from typing import Any

from revenue.ab_testing.order import sort_variants
from revenue.models import ABTestVariant

_AT = datetime(2025, 8, 19, tzinfo=UTC)


def _variant(name: str, *, position: int | None = None, created_at: datetime | None = _AT) -> ABTestVariant:
    return ABTestVariant(variant_name=name, position=position, created_at=created_at)


def _names(variants: list[ABTestVariant], **keys: str) -> str:
    of = {row.pk: keys[row.variant_name] for row in variants if row.variant_name in keys}
    found: list[Any] = sort_variants(variants, of)
    return "".join(row.variant_name for row in found)


def test_a_typed_order_comes_before_all() -> None:
    variants = [_variant("A", created_at=_AT - timedelta(days=1)), _variant("B", position=2), _variant("C", position=1)]

    assert _names(variants, A="t_variant_1") == "CBA"


def test_the_older_comes_first_and_the_undated_last() -> None:
    variants = [_variant("A", created_at=None), _variant("B"), _variant("C", created_at=_AT - timedelta(seconds=1))]

    assert _names(variants) == "CBA"


def test_legacy_keys_count_as_numbers() -> None:
    variants = [_variant("A"), _variant("B"), _variant("C")]

    assert _names(variants, A="t_variant_10", B="t_variant_2", C="t_variant_1") == "CBA"


def test_a_variant_made_here_follows_the_imported_ones() -> None:
    assert _names([_variant("A"), _variant("B")], B="t_variant_1") == "BA"


def test_keys_of_other_shapes_can_be_compared() -> None:
    variants = [_variant(name) for name in "ABCD"]

    assert _names(variants, A="x", B="1x", C="x1", D="²") == "ACDB"


def test_names_decide_at_last() -> None:
    assert _names([_variant("B"), _variant("A")]) == "AB"
