from django.db import migrations, models


class Migration(migrations.Migration):
    """Two models and a field have other names. Nothing changes in the database, where old workers go on."""

    dependencies = [
        ("realtime", "0004_leases_and_clocks"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Mark", "DirtyStream"),
                migrations.AlterModelTable("DirtyStream", "realtime_mark"),
                migrations.RenameModel("Head", "PublishedState"),
                migrations.AlterModelTable("PublishedState", "realtime_head"),
                migrations.RenameField("Sample", "tallies", "cumulative"),
                migrations.AlterField(
                    "Sample",
                    "cumulative",
                    models.JSONField(
                        db_column="tallies", help_text="What the next sample of the same machine subtracts from."
                    ),
                ),
            ],
        ),
    ]
