"""What points for misconduct come to: each lengthens the time-out, many bar, and play works them off."""

from datetime import timedelta

from django.conf import settings

TIME_OUT = timedelta(minutes=30)
"""For each point that the player has, the new one included."""
BARRED_AT = 6
"""With so many points a player does not queue at all, until staff lift a penalty."""
MATCHES_PER_POINT = 50
"""Matches that work one point off. Matches played without a point count for none to come."""


def time_out(points: int) -> timedelta:
    """How long a player who now has so many points is kept out; in a simulation as much shorter as its time is."""
    return points * TIME_OUT / settings.UNITEMATE_TIME_SCALE
