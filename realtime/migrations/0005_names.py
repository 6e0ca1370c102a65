from django.db import migrations


class Migration(migrations.Migration):
    """Two models have other names. Nothing changes in the database, where old workers go on."""

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
            ],
        ),
    ]
