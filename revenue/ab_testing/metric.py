"""Which of a variant's two counts is its success: what `expected_metric` says, in the words the legacy scripts use.

Called by judged.py and by the pages that show one variant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from revenue.models import ABTestVariant, ExpectedMetric
from synapse.foundation.text.visible import visible

CONSULTATIONS: Final = "consultation_requests"
ENGAGEMENT: Final = "engagement_actions"

_WORDS: Final = {CONSULTATIONS: "consultation requests", ENGAGEMENT: "engagement actions"}
_ROOTS: Final = {"consult": CONSULTATIONS, "inquir": CONSULTATIONS, "engag": ENGAGEMENT}


@dataclass(frozen=True, slots=True)
class Metric:
    """The column that counts for a test: the one its control expects. `problem` says why not to trust that, or ''."""

    column: str
    problem: str = ""

    @property
    def words(self) -> str:
        """What is counted, in plain words."""
        return _WORDS[self.column]

    @property
    def is_agreed(self) -> bool:
        """Say whether every variant expects it."""
        return not self.problem

    def count_successes(self, variant: ABTestVariant) -> int:
        """Return how often the variant brought it."""
        return int(getattr(variant, self.column) or 0)


def success_metric(variants: Iterable[ABTestVariant]) -> Metric:
    """Return the success metric of a test with these variants, the control first."""
    rows = list(variants)
    columns = {row.variant_name: metric_column(row.expected_metric) for row in rows}
    column = next(iter(columns.values()), None) or CONSULTATIONS
    unknown = [name for name, known in columns.items() if known is None]
    others = [name for name, known in columns.items() if known not in {column, None}]
    problems = []
    if unknown:
        problems.append(
            f"What {_join_quoted_names(unknown)} should bring is not a metric Synapse knows;"
            f" {_WORDS[column]} are counted."
        )
    if others:
        verb = "expects" if len(others) == 1 else "expect"
        problems.append(
            f"The control expects {_WORDS[column]}, but {_join_quoted_names(others)} {verb} something else: "
            "one test counts one thing."
        )
    return Metric(column, " ".join(problems))


def metric_column(expected_metric: str) -> str | None:
    """Return the column that an expected metric means, None where nobody can tell."""
    # Free text in the legacy files: the first known root in it decides.
    said = expected_metric.strip().lower()
    if said == ExpectedMetric.ENGAGEMENT_RATE:
        return ENGAGEMENT
    return next((column for root, column in _ROOTS.items() if root in said), None)


def _join_quoted_names(names: list[str]) -> str:
    quoted = [f"“{visible(name)}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
