"""`manage.py asyncapi`: the socket's protocol as an AsyncAPI document, printed, written or compared with a file."""

import json
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from unitemate.rest.asyncapi import document


class Command(BaseCommand):
    help = "Print the AsyncAPI document of the socket, write it to a file, or check that a file has it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="where to write it; without one it is printed")
        parser.add_argument("--check", action="store_true", help="fail unless the file has it already")

    def handle(self, *args: Any, file: Path | None, check: bool, **options: Any) -> None:
        plain = json.loads(json.dumps(document()))  # without shared parts, which YAML would show as references
        text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
        if file is None:
            self.stdout.write(text)
        elif not check:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            raise CommandError(f"{file} is not what the code says; write it anew: manage.py asyncapi {file}")
