"""The (plain, not materialized) view of the last 30 days' inquiries."""

from django.db import models


class CurrentPipelineSummary(models.Model):
    """The one row of the view `current_pipeline_summary`; read only."""

    # The view has no key and always one row: any of its columns serves.
    total_inquiries = models.BigIntegerField(primary_key=True)
    new_inquiries = models.BigIntegerField(null=True)
    total_pipeline_value = models.DecimalField(null=True, max_digits=20, decimal_places=2)
    avg_deal_value = models.DecimalField(null=True, max_digits=20, decimal_places=2)

    class Meta:
        managed = False
        db_table = "current_pipeline_summary"
        verbose_name_plural = "current pipeline summary"

    def __str__(self) -> str:
        """Return the number of inquiries."""
        return f"{self.total_inquiries} inquiries in 30 days"
