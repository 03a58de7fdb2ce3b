"""Divergences as a page shows them: a block per target row, a line per field, who says what.

Called by page, in as many queries for ten lines as for a hundred. Texts are in words; the template escapes them. The
choice itself is legacy_import.services.choosing_values'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from django.db import connections
from django.http import HttpRequest
from django.urls import reverse

from legacy_import.cell_display import visible
from legacy_import.models import Divergence, LedgerRow
from legacy_import.pipeline.divergence.target_rows import LastChange, Place, Rows, read_last_changes, read_target_rows
from legacy_import.services import divergence_token
from legacy_import.services.choice_refusals import read_parent_labels
from legacy_import.target_display import (
    EMPTY_TEXT,
    NOTHING,
    describe_row,
    field_label,
    format_value,
    target_model,
)
from synapse.foundation.text.difference import Segment, compare_texts

_SHORT: Final = 12
"""Values up to here differ as a whole; marking letters in them would only be noise."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says. `since` is None where a source says it."""

    who: str
    since: datetime | None
    segments: Sequence[Segment]
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One field two sides disagree on. `owner_says` and `replaced` are empty where they add nothing."""

    divergence: Divergence
    token: str
    field: str
    here: Side
    other: Side
    agrees: bool
    owner_says: str
    replaced: str

    @property
    def is_kept(self) -> bool:
        """Whether a person chose what is here."""
        return self.divergence.choice == Divergence.Choice.KEPT

    @property
    def chosen_by(self) -> str:
        """Who chose."""
        return visible(self.divergence.chosen_by)


@dataclass(frozen=True, slots=True)
class Block:
    """A target row with its lines; `page` is empty where the row is gone or the person may not see it."""

    noun: str
    words: str
    page: str
    is_gone: bool
    lines: Sequence[Line]


def divergence_blocks(request: HttpRequest, alias: str, divergences: Sequence[Divergence]) -> list[Block]:
    """Return the divergences, which come ordered by target row, as blocks."""
    facts = _read_page_facts(alias, divergences)
    # groupby needs the rows of a target next to each other: the change list orders by target row.
    grouped = groupby(divergences, key=lambda one: (one.target_table, one.target_key))
    return [_divergence_block(request, facts, place, list(lines)) for place, lines in grouped]


@dataclass(frozen=True, slots=True)
class _PageFacts:
    """What a page's lines need to know: the rows, who changed which field, who owns a row, parents' words."""

    rows: Rows
    changes: Mapping[tuple[str, UUID, str], LastChange]
    owners: Mapping[UUID | None, str]
    parents: Mapping[str, str]


def _read_page_facts(alias: str, divergences: Sequence[Divergence]) -> _PageFacts:
    places = {(one.target_table, one.target_key) for one in divergences}
    owned = LedgerRow.objects.using(alias).filter(owns=True, target_key__in={key for _, key in places})
    with connections[alias].cursor() as cursor:
        rows = read_target_rows(cursor, places)
        references = (
            (one.target_table, one.column, value)
            for one in divergences
            for value in (
                rows.get((one.target_table, one.target_key), {}).get(one.column),
                one.kept,
                one.other,
                one.replaced,
            )
        )
        return _PageFacts(
            rows=rows,
            changes=read_last_changes(cursor, places, {one.column for one in divergences}),
            owners=dict(owned.values_list("target_key", "source")),
            parents=read_parent_labels(cursor, references),
        )


def _divergence_block(
    request: HttpRequest, facts: _PageFacts, place: Place, divergences: Sequence[Divergence]
) -> Block:
    table, key = place
    row = facts.rows.get(place)
    model = target_model(table)
    app, name = model._meta.app_label, model._meta.model_name
    may_see = row is not None and any(request.user.has_perm(f"{app}.{verb}_{name}") for verb in ("view", "change"))
    return Block(
        noun=str(model._meta.verbose_name),
        words=describe_row(table, row),
        page=reverse(f"admin:{app}_{name}_change", args=[key]) if may_see else "",
        is_gone=row is None,
        lines=[_divergence_line(facts, one, (row or {}).get(one.column)) for one in divergences],
    )


def _divergence_line(facts: _PageFacts, one: Divergence, here: Any) -> Line:
    def format_field_value(value: object) -> str:
        return format_value(one.target_table, one.column, value, parents=facts.parents)

    owner = facts.owners.get(one.target_key, "")
    between_sources = one.kind == Divergence.Kind.SOURCE
    who, since = (owner, None) if owner and between_sources and one.kept == here else _value_origin(facts, one, owner)
    left_words, right_words = format_field_value(here), format_field_value(one.other)
    if {left_words, right_words} & {NOTHING, EMPTY_TEXT} or max(len(left_words), len(right_words)) <= _SHORT:
        left, right = [Segment(left_words, differs=False)], [Segment(right_words, differs=False)]
    else:
        left, right = compare_texts(left_words, right_words)
    return Line(
        divergence=one,
        token=divergence_token(one, here),
        field=field_label(one.target_table, one.column),
        here=Side(who, since, left, here in (None, "")),
        other=Side(one.source, None, right, one.other in (None, "")),
        agrees=here == one.other,
        owner_says=f"{owner or 'The owner'} says {format_field_value(one.kept)}"
        if between_sources and one.kept != here
        else "",
        replaced=format_field_value(one.replaced) if one.choice == Divergence.Choice.OTHER else "",
    )


def _value_origin(facts: _PageFacts, one: Divergence, owner: str) -> tuple[str, datetime | None]:
    """Return who put the value here, and when: the person who edited it, else the source that owns the row."""
    change = facts.changes.get((one.target_table, one.target_key, one.column))
    if change is None or change.by_import:
        return owner or "made here", None
    return visible(change.author) or "somebody outside the admin", change.changed_at
