"""Questions of row loss: a file that came back without most of its rows, and what a person answered."""

from django.db import models


class LossQuestion(models.Model):
    """Whether rows that a source's file lacks were deleted, or it is the wrong file.

    One row per source, of the content that was last refused: `sha256` is that of its snapshot, and an answer holds for
    this content only. `tables` says of each table how many rows it held and how many of them are missing. The row goes
    when an import of the source lands, or its file is what it was.
    """

    class Answer(models.TextChoices):
        """What a person answered."""

        ROWS_DELETED = "deleted", "the rows were really deleted"
        WRONG_FILE = "wrong_file", "this is not the right file"

    source = models.TextField(primary_key=True)
    sha256 = models.TextField()
    path = models.TextField()
    tables = models.JSONField()
    asked_at = models.DateTimeField()
    answer = models.TextField(choices=Answer.choices, blank=True, db_default="")
    answered_by = models.TextField(blank=True, db_default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "loss_question"
        default_permissions = ()  # it is shown on the sources' page, to whom may see that

    def __str__(self) -> str:
        return f"{self.source} {self.sha256[:12]} {self.answer or 'not answered'}"
