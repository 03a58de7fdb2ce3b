"""The shape of each legacy file (its schema and pragmas), from which it is rebuilt and schema drift is found."""

from django.db import models


class LegacyFile(models.Model):
    """What it takes to rebuild a legacy file around its rows: pragmas, CREATE statements, columns.

    `schema` lists the file's objects in their order: type, name, table, sql, and for tables their columns
    (name, declared type, position in the primary key) and whether they have a rowid.
    """

    source = models.TextField(primary_key=True)
    path = models.TextField()
    pragmas = models.JSONField()
    schema = models.JSONField()

    class Meta:
        db_table = "legacy_file"

    def __str__(self) -> str:
        return f"{self.source} ({self.path})"
