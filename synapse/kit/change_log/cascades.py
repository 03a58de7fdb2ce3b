"""The cascade of a delete: child rows that the database deleted with it, and references that it set to NULL.

Found in the change log of the same unit of work, generation by generation. Reverting them is reverting/'s.
"""

from typing import Final

from django.db import connections
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from synapse.kit.change_log.models import ChangeLogEntry, Operation
from synapse.kit.change_log.reverting.catalogue import read_catalogue
from synapse.kit.change_log.units_of_work import find_unit_of_work

_MAX_DEPTH: Final = 8
"""Generations of child rows: more than any chain of references here has. Ends the search in a circle of references."""


def find_cascade(alias: str, entry: ChangeLogEntry) -> QuerySet[ChangeLogEntry]:
    """Return the change and, of a delete, the changes of the same unit of work that it caused."""
    log = ChangeLogEntry.objects.using(alias)
    unit = find_unit_of_work(alias, entry.transaction_id, entry.pk)
    if entry.operation != Operation.DELETE or unit is None:
        return log.filter(pk=entry.pk)
    with connections[alias].cursor() as cursor:
        references = read_catalogue(cursor).references
    found = {entry.pk}
    parents = {entry.table_name: {str(entry.row_key)}}
    for _ in range(_MAX_DEPTH):
        children: dict[str, set[str]] = {}
        for reference in references:
            keys = parents.get(reference.parent)
            if keys:
                # Deleted with its parent, or changed in nothing but that its reference to the parent became NULL.
                emptied = Q(operation=Operation.UPDATE, new={reference.column: None})
                caused = Q(operation=Operation.DELETE) | emptied
                parent = KeyTextTransform(reference.column, "old")
                referring = unit.logged_changes().filter(table_name=reference.child).annotate(parent=parent)
                lost = referring.filter(caused, parent__in=keys)
                for pk, key, operation in lost.exclude(pk__in=found).values_list("pk", "row_key", "operation"):
                    found.add(pk)
                    if operation == Operation.DELETE:
                        children.setdefault(reference.child, set()).add(str(key))
        if not children:
            break
        parents = children
    return log.filter(pk__in=found)
