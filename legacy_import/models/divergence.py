"""Divergences: fields of which two sources, or an edit here and its source, hold different values."""

from django.db import models
from django.db.models.functions import Now

from legacy_import.cell_display import format_key


class DivergenceQuerySet(models.QuerySet["Divergence"]):
    """Divergences, by whether a person has chosen."""

    def undecided(self) -> "DivergenceQuerySet":
        """Return those that nobody has chosen a value for."""
        return self.filter(choice="")


class Divergence(models.Model):
    """One field of which a source says something else than the row that is kept.

    kind source: a source of lower precedence says `other`, the owner's legacy value `kept` takes precedence.
    kind edit: the owner's legacy cell changed to `other` after the field had been changed here to `kept`.
    `id` is md5('ledger id/column'). A person may choose: `choice` says which value, `replaced` what stood in the target
    before the other one was put there. A choice holds as long as both sides say what they said.
    """

    class Kind(models.TextChoices):
        """Who disagrees."""

        SOURCE = "source", "two sources"
        EDIT = "edit", "an edit here and its source"

    class Choice(models.TextChoices):
        """What a person chose."""

        KEPT = "kept", "keep what is here"
        OTHER = "other", "take the other"

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.TextField(choices=Kind.choices)
    ledger = models.ForeignKey(
        "legacy_import.LedgerRow", on_delete=models.CASCADE, db_constraint=False, related_name="divergences"
    )
    source = models.TextField()
    legacy_table = models.TextField()
    key = models.TextField()
    target_table = models.TextField()
    target_key = models.UUIDField()
    column = models.TextField()
    kept = models.JSONField(null=True)
    other = models.JSONField(null=True)
    detected_at = models.DateTimeField(db_default=Now())
    choice = models.TextField(choices=Choice.choices, blank=True, db_default="")
    chosen_by = models.TextField(blank=True, db_default="")
    chosen_at = models.DateTimeField(null=True)
    replaced = models.JSONField(null=True)

    objects = DivergenceQuerySet.as_manager()

    class Meta:
        db_table = "divergence"
        indexes = [models.Index(fields=["target_key"], name="idx_divergence_target")]
        permissions = [("choose_divergence", "Can choose between diverging values")]

    def __str__(self) -> str:
        said = f"{self.kept!r} kept, {self.source} says {self.other!r}"
        return f"{self.target_table}.{self.column} of {format_key(self.key)}: {said}"
