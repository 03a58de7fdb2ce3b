"""Conflict resolution of divergences: keep the value that is here, take the other one, undo a choice.

Called by legacy_import.admin.divergences.page, for one field or many: all is done, or nothing. Divergences are found by
an import (legacy_import.pipeline.divergence). A page sends the token of what it showed (optimistic concurrency): what
has changed since is refused.

Who may choose needs no permission to change the target's model, for a choice puts one of the recorded values and
nothing else: no value, table or column may ever come from a caller (docs/adr/0007).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, OperationalError, connections, models, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import errors

from legacy_import.errors import TerminalError
from legacy_import.models import Divergence
from legacy_import.pipeline.divergence.target_rows import Rows, find_target_table, read_target_rows
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.services.choice_refusals import DivergingField, refusal_sentence
from legacy_import.target_display import find_model_field
from synapse.foundation.logs.logged_calls import log_calls
from synapse.kit.change_log.authorship import attribute_changes_to

_LOCK_TIMEOUT: Final = "3s"


class ChoiceRefusedError(TerminalError):
    """A choice that can't be carried out: why, in words; nothing was changed."""


@dataclass(frozen=True, slots=True)
class ShownDivergence:
    """A divergence as a page showed it; `token` is what `token_of` gave for it then."""

    id: UUID
    token: str


def _choice_log_fields(call: Mapping[str, Any], decided: Sequence[Divergence]) -> dict[str, Any]:
    tables = sorted({one.target_table for one in decided})
    return {"database": call["alias"], "author": call["author"], "fields": len(decided), "tables": tables}


def divergence_token(divergence: Divergence, here: object) -> str:
    """Return a token (a hash) of what a person sees of a divergence; `here` is what its field holds now.

    The field of a decided one is not part of it: an undo that finds it changed says in words who changed it.
    """
    shown = [divergence.kept, divergence.other, divergence.choice, str(divergence.chosen_at)]
    text = json.dumps([*shown, here] if not divergence.choice else shown, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@log_calls("divergences.kept", _choice_log_fields)
def keep_current_values(
    alias: str, shown: Sequence[ShownDivergence], *, author: str, now: datetime
) -> list[Divergence]:
    """Confirm what is here in each field, and return what was decided. Raises ChoiceRefusedError."""
    with _locked_divergences(alias, shown, author) as locked:
        locked.require_each(lambda one: not one.choice, "is decided already: undo that first")
        for one in locked.divergences:
            locked.record_choice(one, Divergence.Choice.KEPT, now)
    return locked.divergences


@log_calls("divergences.taken", _choice_log_fields)
def take_other_values(alias: str, shown: Sequence[ShownDivergence], *, author: str, now: datetime) -> list[Divergence]:
    """Put the other value into each field, as an edit by the author, and return what was decided.

    `choose_divergence` is all the author needs, for what is put is the value that an import recorded.
    Raises ChoiceRefusedError, also where a value breaks a rule of the table.
    """
    with _locked_divergences(alias, shown, author) as locked:
        locked.require_each(lambda one: not one.choice, "is decided already: undo that first")
        fields = Counter((one.target_table, one.target_key, one.column) for one in locked.divergences)
        locked.require_each(
            lambda one: fields[one.target_table, one.target_key, one.column] == 1,
            "was to take two other values at once: choose one of them",
        )
        for one in locked.divergences:
            locked.record_choice(one, Divergence.Choice.OTHER, now)
            locked.write_value(one, "other")
    return locked.divergences


@log_calls("divergences.reopened", _choice_log_fields)
def undo_choice(alias: str, shown: Sequence[ShownDivergence], *, author: str) -> list[Divergence]:
    """Make each divergence undecided, with the value that was here before, and return them.

    `choose_divergence` is all the author needs, for what is put back is the value recorded when the other was taken.
    Raises ChoiceRefusedError, also where a field no longer holds what the choice put there.
    """
    with _locked_divergences(alias, shown, author) as locked:
        locked.require_each(lambda one: bool(one.choice), "is not decided, so there is nothing to undo")
        # Where a field took one other value after another, the last one is undone first.
        for one in sorted(locked.divergences, key=lambda one: str(one.chosen_at), reverse=True):
            if one.choice == Divergence.Choice.OTHER:
                locked.restore_replaced_value(one)
            locked.update_divergence(one, choice="", chosen_by="", chosen_at=None, replaced=None)
    return locked.divergences


@dataclass(frozen=True, slots=True)
class _LockedDivergences:
    """Divergences that one person decides on, locked (pessimistically) together with their target rows."""

    cursor: CursorWrapper
    divergences: list[Divergence]
    rows: Rows
    author: str

    def require_each(self, holds: Callable[[Divergence], bool], reason: str) -> None:
        """Refuse where the condition does not hold for one of them, with the reason of each."""
        words = [f"{self.diverging_field(one)} {reason}." for one in self.divergences if not holds(one)]
        if words:
            raise ChoiceRefusedError(refusal_sentence(words))

    def require_unchanged(self, shown: Sequence[ShownDivergence]) -> None:
        """Raise ChoiceRefusedError where a divergence or its row is no longer as it was shown."""
        if len(self.divergences) != len(shown):
            raise ChoiceRefusedError(
                "An import found both sides to agree meanwhile, or one of them gone: look at the page again."
            )
        gone = [
            self.diverging_field(one).deleted_sentence() for one in self.divergences if self._target_row(one) is None
        ]
        if gone:
            raise ChoiceRefusedError(refusal_sentence(gone))
        tokens = {one.id: one.token for one in shown}
        stale = [one for one in self.divergences if divergence_token(one, self._current_value(one)) != tokens[one.pk]]
        if stale:
            words = [self.diverging_field(one).changed_since_shown_sentence(self._current_value(one)) for one in stale]
            raise ChoiceRefusedError(refusal_sentence(words))

    def diverging_field(self, one: Divergence) -> DivergingField:
        """Return the words for the divergence's field."""
        return DivergingField(self.cursor, one, self._target_row(one))

    def record_choice(self, one: Divergence, choice: Divergence.Choice, now: datetime) -> None:
        """Write who chose what and when; where the other value is taken, also what it replaces."""
        self.update_divergence(one, choice=choice, chosen_by=self.author, chosen_at=now)
        if choice == Divergence.Choice.OTHER:
            table, key, column = _quoted_names(one)
            self.cursor.execute(
                f"UPDATE divergence AS d SET replaced = to_jsonb(t.{column}) FROM {table} AS t"
                f" WHERE d.id = %s AND t.{key} = d.target_key",
                [one.pk],
            )

    def update_divergence(self, one: Divergence, **columns: object) -> None:
        """Write columns of the divergence."""
        for name, value in columns.items():
            setattr(one, name, value)
        one.save(update_fields=list(columns))

    def write_value(self, one: Divergence, value: str) -> None:
        """Put a value of the divergence (`other`, `replaced`) into its field. Refuses what breaks a rule."""
        table, key, column = _quoted_names(one)
        sql = (
            f"UPDATE {table} AS t SET {column} = {_value_sql(one, value)} FROM divergence AS d"
            f" WHERE d.id = %s AND t.{key} = d.target_key"
        )
        try:
            # A savepoint, so that the refusal can still look up its words.
            with transaction.atomic(using=self.cursor.db.alias):
                self.cursor.execute(sql, [one.pk])
        except IntegrityError as error:
            raise ChoiceRefusedError(
                refusal_sentence([self.diverging_field(one).broken_rule_sentence(error, getattr(one, value))])
            ) from error

    def restore_replaced_value(self, one: Divergence) -> None:
        """Put what was replaced back, unless the field holds it already; refuse where it holds something else."""
        # Compared by PostgreSQL, in the column's own type: as JSON, equal numbers may be spelled otherwise.
        table, key, column = _quoted_names(one)
        self.cursor.execute(
            f"SELECT t.{column} IS NOT DISTINCT FROM {_value_sql(one, 'other')},"
            f" t.{column} IS NOT DISTINCT FROM {_value_sql(one, 'replaced')}"
            f" FROM {table} AS t JOIN divergence AS d ON t.{key} = d.target_key WHERE d.id = %s",
            [one.pk],
        )
        holds, is_back = self.cursor.fetchone()
        if holds:
            self.write_value(one, "replaced")
        elif not is_back:
            raise ChoiceRefusedError(
                refusal_sentence([self.diverging_field(one).changed_since_chosen_sentence(self._current_value(one))])
            )

    def _target_row(self, one: Divergence) -> dict[str, object] | None:
        return self.rows.get((one.target_table, one.target_key))

    def _current_value(self, one: Divergence) -> object:
        return (self._target_row(one) or {}).get(one.column)


@contextmanager
def _locked_divergences(alias: str, shown: Sequence[ShownDivergence], author: str) -> Iterator[_LockedDivergences]:
    """Lock what is decided on, in one transaction with the deciding, and refuse what is not as it was shown.

    Raises ChoiceRefusedError, also where a lock is not had within the timeout or a deadlock was broken up.
    """
    try:
        with attribute_changes_to(author), transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            divergences, rows = _lock_divergences(cursor, [one.id for one in shown])
            locked = _LockedDivergences(cursor, divergences, rows, author)
            locked.require_unchanged(shown)
            yield locked
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
            raise ChoiceRefusedError(
                "An import or somebody else is writing to these rows: try again in a minute."
            ) from error
        raise


def _lock_divergences(cursor: CursorWrapper, ids: Sequence[UUID]) -> tuple[list[Divergence], Rows]:
    """Return the divergences in the order of their keys, and their targets, locked until the transaction ends."""
    cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
    found = Divergence.objects.using(cursor.db.alias).filter(pk__in=ids)
    # An import holds the targets first and its divergences later: the other order here would be a deadlock.
    places = set(found.values_list("target_table", "target_key"))
    for table in sorted({table for table, _ in places}):
        cursor.execute(f"LOCK TABLE {identifier(find_target_table(table).name)} IN ROW EXCLUSIVE MODE")
    rows = read_target_rows(cursor, places, lock=True)
    divergences = list(found.order_by("pk").select_for_update())
    if not places.issuperset((one.target_table, one.target_key) for one in divergences):
        raise ChoiceRefusedError("An import has just written to these rows: look again.")
    return divergences, rows


def _quoted_names(one: Divergence) -> tuple[str, str, str]:
    """Return the quoted names of the divergence's table, its key and its column."""
    return identifier(one.target_table), identifier(find_target_table(one.target_table).key), identifier(one.column)


def _value_sql(one: Divergence, value: str) -> str:
    """Return SQL for a value of divergence `d`, typed as its column; read as the database wrote it, no digit lost."""
    if isinstance(find_model_field(one.target_table, one.column), models.JSONField):
        return f"d.{identifier(value)}"
    table, _, column = _quoted_names(one)
    named = f"jsonb_build_object({literal(one.column)}, d.{identifier(value)})"
    return f"(jsonb_populate_record(NULL::{table}, {named})).{column}"
