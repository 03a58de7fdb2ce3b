"""The materialized view of the active opportunities by segment."""

from django.db import models

from synapse.foundation.materialized_views import MaterializedViewManager


class RevenuePipelineSummary(models.Model):
    """A row of the materialized view `revenue_pipeline_summary`; read only, as fresh as its last refresh."""

    customer_segment = models.TextField(primary_key=True)
    total_opportunities = models.BigIntegerField()
    total_pipeline_value = models.DecimalField(max_digits=20, decimal_places=2)
    avg_confidence = models.DecimalField(max_digits=20, decimal_places=4)
    avg_qualification = models.DecimalField(max_digits=20, decimal_places=4)

    objects = MaterializedViewManager["RevenuePipelineSummary"]()

    class Meta:
        managed = False
        db_table = "revenue_pipeline_summary"
        verbose_name_plural = "revenue pipeline summary"
        permissions = [("refresh_revenuepipelinesummary", "Can refresh the revenue pipeline summary")]

    def __str__(self) -> str:
        """Return the segment."""
        return self.customer_segment
