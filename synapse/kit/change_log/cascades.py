"""What a deletion took along: rows that the database deleted with it, references that it emptied.

What lives here: finding those changes. What does not: taking them back (undoing).
"""

from typing import Final

from django.db import connections
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from synapse.kit.change_log.models import ChangeLogEntry, Operation
from synapse.kit.change_log.reverting.catalogue import Reference, read_catalogue
from synapse.kit.change_log.units_of_work import find_unit

_GENERATIONS: Final = 8
"""Deeper than any chain of references; a circle ends here."""


def with_family(alias: str, entry: ChangeLogEntry) -> QuerySet[ChangeLogEntry]:
    """Return the change and, of a deletion, all that the same transaction lost because of it."""
    log = ChangeLogEntry.objects.using(alias)
    unit = find_unit(alias, entry.transaction_id, entry.pk)
    if entry.operation != Operation.DELETE or unit is None:
        return log.filter(pk=entry.pk)
    with connections[alias].cursor() as cursor:
        references = read_catalogue(cursor).references
    found = {entry.pk}
    parents = {entry.table_name: {str(entry.row_key)}}
    for _ in range(_GENERATIONS):
        children: dict[str, set[str]] = {}
        for reference in references:
            keys = parents.get(reference.parent)
            if keys:
                lost = _lost(unit.entries(), reference, keys).exclude(pk__in=found)
                for pk, key, operation in lost.values_list("pk", "row_key", "operation"):
                    found.add(pk)
                    if operation == Operation.DELETE:
                        children.setdefault(reference.child, set()).add(str(key))
        if not children:
            break
        parents = children
    return log.filter(pk__in=found)


def _lost(entries: QuerySet[ChangeLogEntry], reference: Reference, keys: set[str]) -> QuerySet[ChangeLogEntry]:
    """Return the changes that deleted a child of these parents, or emptied nothing but its reference to one."""
    referring = entries.filter(table_name=reference.child).annotate(parent=KeyTextTransform(reference.column, "old"))
    emptied = Q(operation=Operation.UPDATE, new={reference.column: None})
    return referring.filter(Q(operation=Operation.DELETE) | emptied, parent__in=keys)
