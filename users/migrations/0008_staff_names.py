"""Accounts that `createsuperuser` has made are set apart from those of the identity provider by their names.

They can be told by this: they have a password, and nothing that comes with a token or from playing.
"""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Concat

STAFF_PREFIX = "staff|"


def set_apart(apps, schema_editor):
    user = apps.get_model("users", "User")
    made = user.objects.filter(is_staff=True, email="", discord_id=None, discord_username="", match_count=0)
    made = made.exclude(password="").exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    made.exclude(subject__contains="|").update(subject=Concat(Value(STAFF_PREFIX), F("subject")))


class Migration(migrations.Migration):
    dependencies = [("users", "0007_finite_ratings")]
    operations = [migrations.RunPython(set_apart, migrations.RunPython.noop)]
