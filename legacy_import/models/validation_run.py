"""Validations: each comparison of all databases with the legacy files, and what its checks found."""

import uuid

from django.db import models


class ValidationRun(models.Model):
    """One validation: when, by whom, how long, and what each check found; written when it ended.

    One that was killed has left no row. `failures` are the failed checks alone (name, database, detail): all that pages
    which show the state of the sources need of it. `checks` are all of them with their differences, cut. `error` says
    why there is no verdict, where the validation itself broke off.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    begun_at = models.DateTimeField("begun at")
    seconds = models.FloatField("took, in seconds")
    requested_by = models.TextField("asked for by", blank=True)
    legacy_dir = models.TextField("legacy files")
    passed = models.BooleanField()
    check_count = models.IntegerField("checks")
    failures = models.JSONField(default=list)
    checks = models.JSONField(default=list)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "validation_run"
        verbose_name = "validation"
        ordering = ["-begun_at"]
        indexes = [models.Index(fields=["-begun_at"], name="idx_validation_run_begun")]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"validation of {self.begun_at:%Y-%m-%d %H:%M} {'passed' if self.passed else 'failed'}"
