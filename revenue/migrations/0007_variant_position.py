from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("revenue", "0006_view_ages"),
    ]

    operations = [
        migrations.AddField(
            model_name="abtestvariant",
            name="position",
            field=models.SmallIntegerField("order", blank=True, null=True),
        ),
    ]
