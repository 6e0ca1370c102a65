"""`manage.py issue_token NAME`: a development token on standard output."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime.management.bounded_numbers import BoundedNumber
from users import tokens
from users.text import checked

LIFETIME = BoundedNumber(1, 31_536_000, "seconds")


class Command(BaseCommand):
    help = "Prints a token of the development login. The account is made when the token is first used."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the player to sign in as")
        parser.add_argument(
            "--lifetime", type=LIFETIME, default=tokens.DEV_LIFETIME, help="seconds (default: %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            name = checked(options["name"], field="name", longest=50, blank=False)
            token, _ = tokens.issue_dev_token(name, lifetime=options["lifetime"])
        except ValidationError as error:
            raise CommandError(f"This is no name: {' '.join(error.messages)}") from error
        except tokens.InvalidToken as error:
            raise CommandError("The development login is off. Set UNITEMATE_DEV_LOGIN=1 to use it.") from error
        self.stdout.write(token)
