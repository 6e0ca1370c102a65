from django.db import migrations, models
from django.db.models.functions import Now


def drop_triggers(apps, schema_editor):
    """SQLite lets no table be remade that a trigger writes to; `post_migrate` installs them anew."""
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'realtime_%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')


class Migration(migrations.Migration):
    dependencies = [("realtime", "0001_initial")]

    operations = [
        migrations.RunPython(drop_triggers, migrations.RunPython.noop),
        migrations.AddField("mark", "marked_at", models.DateTimeField(db_default=Now())),
    ]
