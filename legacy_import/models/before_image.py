"""Before-images: what a row of the import's own tables was before a run changed it; an undo restores it."""

from django.db import models


class BeforeImage(models.Model):
    """One row of ledger, divergence or legacy_file as it was before a run first touched it.

    Triggers write it while `synapse.import_run` is set. With the change log, which has the same for the business
    tables, it is what an undo puts back. `old` is None where the run made the row. Rows of the ledger that a run made
    have no image: their `run` says so.
    """

    run_id = models.UUIDField()
    table_name = models.TextField()
    row_key = models.TextField()
    old = models.JSONField(null=True)

    class Meta:
        db_table = "before_image"
        constraints = [
            models.UniqueConstraint(fields=["run_id", "table_name", "row_key"], name="before_image_first_touch"),
        ]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_key} before {self.run_id}"
