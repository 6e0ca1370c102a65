"""`manage.py realtime_doctor URL`: find the hop between a client and a push that fails, and the remedy."""

import asyncio
import json
import ssl
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from unitemate.doctor.cases import Case, Finding, Outcome
from unitemate.doctor.examination import examine
from unitemate.doctor.report import show, summary

READ = "-"
"""Instead of a token: one is read from the standard input."""


class Command(BaseCommand):
    help = (
        "Examines a running site from outside, hop by hop: name, connection, certificate, proxy, the server's parts, "
        "sign-in, socket, a push. Exit status 1 if one fails."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="of the site, such as https://play.example.com")
        parser.add_argument("--token", help="an access token, to go on behind the sign-in; - reads it")
        parser.add_argument("--name", help="sign in by this name instead, where the development login is on")
        parser.add_argument("--origin", help="of the page whose socket is tried (default: the site's own)")
        parser.add_argument(
            "--read-only", action="store_true", help="do not change the account's bio for a moment to see it come back"
        )
        parser.add_argument("--ca", type=Path, help="trust this certificate authority too (PEM)")
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, **options: Any) -> None:
        parts = urlsplit(options["url"])
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise CommandError("the URL is scheme, host and maybe port: https://play.example.com")
        tls = ssl.create_default_context()
        if options["ca"]:
            try:
                tls.load_verify_locations(options["ca"])
            except (OSError, ssl.SSLError) as error:
                raise CommandError(f"{options['ca']}: {error}") from error
        if options["token"] == READ:  # so that it is in no list of processes and no shell's memory
            options["token"] = sys.stdin.readline().strip()
        findings = asyncio.run(self._examine(options, tls))
        if options["json"]:
            self.stdout.write(json.dumps([finding.as_dict() for finding in findings], indent=2))
        if any(finding.outcome is Outcome.FAILED for finding in findings):
            sys.exit(1)

    async def _examine(self, options: dict[str, Any], tls: ssl.SSLContext) -> list[Finding]:
        case = Case(
            options["url"],
            token=options["token"],
            name=options["name"],
            origin=options["origin"],
            changes=not options["read_only"],
            tls=tls,
        )
        console = Console(quiet=options["json"], highlight=False)
        findings = []
        async for finding in examine(case):
            findings.append(finding)
            show(finding, console)
        console.print(f"\n{summary(findings)}", markup=False)
        return findings
