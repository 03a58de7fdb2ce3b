"""The materialized view of the patterns with enough confidence and sample to be trusted."""

from django.db import models

from synapse.foundation.materialized_views import MaterializedViewManager


class TopPerformingPattern(models.Model):
    """A row of the materialized view `top_performing_patterns`; read only, as fresh as its last refresh."""

    pattern_type = models.TextField()
    # The key is both columns, but the admin takes no composite key: rows get no page of their own.
    pattern_value = models.TextField(primary_key=True)
    avg_engagement_rate = models.DecimalField(max_digits=5, decimal_places=4)
    avg_consultation_conversion = models.DecimalField(max_digits=5, decimal_places=4)
    sample_size = models.IntegerField()
    confidence_score = models.DecimalField(max_digits=5, decimal_places=4)

    objects = MaterializedViewManager["TopPerformingPattern"]()

    class Meta:
        managed = False
        db_table = "top_performing_patterns"
        permissions = [("refresh_topperformingpattern", "Can refresh the top performing patterns")]

    def __str__(self) -> str:
        """Return the pattern."""
        return f"{self.pattern_type}: {self.pattern_value}"
