from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("revenue", "0007_variant_position"),
    ]

    operations = [
        migrations.AddField(
            model_name="abtestvariant",
            name="planned_share_percent",
            field=models.DecimalField("planned share, %", blank=True, decimal_places=2, max_digits=5, null=True),
        ),
        migrations.AddConstraint(
            model_name="abtestvariant",
            constraint=models.CheckConstraint(
                condition=models.Q(planned_share_percent__range=(Decimal("0.01"), Decimal(100))),
                name="test_variants_planned_share_percent_check",
            ),
        ),
    ]
