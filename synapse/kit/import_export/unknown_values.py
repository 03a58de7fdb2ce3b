"""Remarks on a plan: values that look like slips, though they may well be meant. They stop nothing."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from synapse.foundation.text.visible import visible
from synapse.kit.import_export.planning import Table
from synapse.kit.import_export.plans import Plan, RowKind

_MAX_REMARKS: Final = 10
"""Per column."""
_MAX_VALUE_LENGTH: Final = 80


def describe_unknown_values(plan: Plan, table: Table, known: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Yield a sentence per value that is neither known for its column nor in the table yet; one query per column."""
    rows = [*plan.rows_of_kind(RowKind.NEW), *plan.rows_of_kind(RowKind.CHANGED)]
    stored = table.model._base_manager.using(table.alias)  # noqa: SLF001  # public in all but name
    for name, values in known.items():
        found = Counter(str(value) for row in rows if (value := row.values.get(name)) and value not in values)
        if not found:
            continue
        used = set(stored.filter(**{f"{name}__in": list(found)}).order_by().values_list(name, flat=True).distinct())
        unused = [(value, times) for value, times in found.items() if value not in used]
        spellings = {spelling.lower(): spelling for spelling in values}
        for value, times in unused[:_MAX_REMARKS]:
            near = get_close_matches("_".join(value[:_MAX_VALUE_LENGTH].lower().split()), spellings, n=1)
            advice = f" Did you mean {spellings[near[0]]}?" if near else f" Known are {', '.join(values)}."
            having = "1 row has" if times == 1 else f"{times:,} rows have"
            yield f"{name}: {having} “{visible(value[:_MAX_VALUE_LENGTH])}”, which no row has yet.{advice}"
        if len(unused) > _MAX_REMARKS:
            yield f"{name}: {len(unused) - _MAX_REMARKS:,} more values that no row has yet."
