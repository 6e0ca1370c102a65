"""Tournaments."""

from django.conf import settings
from django.db import models


class Tournament(models.Model):
    tournament_id = models.CharField(primary_key=True, max_length=16)
    title = models.CharField(max_length=50)
    rounds = models.IntegerField(default=0)
    password = models.CharField(max_length=50, blank=True)
    organiser = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return self.title
