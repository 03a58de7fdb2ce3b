"""What was found in SQLite files of the legacy folder that no source declares: read once for each state of a file."""

from django.db import models


class UndeclaredFile(models.Model):
    """The tables of one undeclared file, as of the state that `signature` names (size, time and inode, journals too).

    `path` is relative to the legacy folder. `tables` are pairs of a name and its rows; `error` says why they could not
    be read. `archived_signature` is the state that was archived last, empty where none was.
    """

    path = models.TextField(primary_key=True)
    signature = models.TextField(blank=True)
    tables = models.JSONField(default=list)
    error = models.TextField(blank=True)
    archived_signature = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "undeclared_file"
        default_permissions = ()  # it is shown on the sources' page, to whom may see that

    def __str__(self) -> str:
        return self.path
