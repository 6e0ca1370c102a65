"""`manage.py seed_demo`: accounts to try the service with. Running it again adds only what is missing."""

import random
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from realtime.management.bounded_numbers import BoundedNumber
from users import badges, services
from users.models import START_RATE, Badge, User
from users.roles import ROLES
from users.tokens import DEV_PREFIX, Claims

# fmt: off
NAMES = (
    "あおば", "いちご", "うみねこ", "えんどう", "おうる", "かすみ", "きなこ", "くるみ", "けやき", "こはく",
    "さざなみ", "しずく", "すばる", "せせらぎ", "そよぎ", "たんぽぽ", "ちどり", "つむぎ", "てまり", "ときわ",
    "なぎさ", "にじいろ", "ぬくもり", "ねいろ", "のばら", "はやて", "ひなた", "ふぶき", "へちま", "ほたる",
    "Maple", "Nimbus", "Otter", "Pebble", "Quill", "Raven", "Sorrel", "Tundra", "Umber", "Willow",
)
# fmt: on
SPREAD = 60
"""Standard deviation of the demo players' ratings: those of a season that has gone on for a while."""


class Command(BaseCommand):
    help = "Makes demo accounts, which anybody can sign in to while the development login is on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--players",
            type=BoundedNumber(0, 10_000, "players"),
            default=len(NAMES),
            help="how many (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        badges.install()
        before = User.objects.count()
        with transaction.atomic():
            for number in range(options["players"]):
                _player(number)
        made = User.objects.count() - before
        self.stdout.write(f"{made} demo accounts made, {options['players'] - made} were there.")


def _player(number: int) -> None:
    """Make the demo player of this number, unless there is one; the same on every machine."""
    lap, index = divmod(number, len(NAMES))
    name = NAMES[index] + (str(lap + 1) if lap else "")
    subject = DEV_PREFIX + name
    if User.objects.filter(subject=subject).exists():
        return
    chance = random.Random(number)
    user = services.user_from_claims(claims=Claims(subject=subject, expires_at=0, name=name))
    user.rate = round(chance.gauss(START_RATE, SPREAD))
    user.max_rate = max(START_RATE, user.rate)
    user.rating_mean = user.rate
    user.preferred_roles = chance.sample(ROLES, chance.randint(2, 4))
    user.save(update_fields=["rate", "max_rate", "rating_mean", "preferred_roles"])
    granted = chance.sample(sorted(entry.badge_id for entry in badges.CATALOGUE), chance.randint(0, 3))
    for badge in Badge.objects.filter(pk__in=granted):
        services.badge_grant(user=user, badge=badge)
    services.badges_equip(user=user, badge_ids=granted[:2])
