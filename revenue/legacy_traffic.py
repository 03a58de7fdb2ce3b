"""What the legacy files know of the traffic of variants: a hook that legacy_import registers with.

Apps may not import legacy_import; without a registered look-up no assignment and no import is known.

The legacy scripts assign each post to a variant at random, so the numbers of posts say whether the traffic is as
planned (revenue.statistics.sample_ratio); and what an import inserts is not in the change log, so only the import knows
when it landed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LegacyTraffic:
    """Two look-ups, each one query for any number of variants.

    `post_counts_by_key` takes legacy keys of variants and returns how many posts are assigned to each; those without
    any are left out. `import_times_by_variant` takes variants and returns when the import that last touched each of
    them began.
    """

    post_counts_by_key: Callable[[Iterable[str]], Mapping[str, int]]
    import_times_by_variant: Callable[[Iterable[UUID]], Mapping[UUID, datetime]]


_registered: list[LegacyTraffic] = []


def register_legacy_traffic(answer: LegacyTraffic) -> None:
    """Register the look-ups of posts and imports of variants; called by legacy_import."""
    _registered.append(answer)


def post_counts_by_key(keys: Iterable[str]) -> dict[str, int]:
    """Return how many posts the legacy scripts assigned to the variants of these legacy keys."""
    wanted = list(keys)
    if not wanted:
        return {}
    return {key: posts for answer in _registered for key, posts in answer.post_counts_by_key(wanted).items()}


def import_times_by_variant(variants: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return when the import that last touched each of these variants began, without those that none brought."""
    wanted = list(variants)
    if not wanted:
        return {}
    return {variant: at for answer in _registered for variant, at in answer.import_times_by_variant(wanted).items()}
