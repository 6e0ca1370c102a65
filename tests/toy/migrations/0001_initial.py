import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            "Tournament",
            [
                ("tournament_id", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=50)),
                ("rounds", models.IntegerField(default=0)),
                ("password", models.CharField(blank=True, max_length=50)),
                (
                    "organiser",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        )
    ]
