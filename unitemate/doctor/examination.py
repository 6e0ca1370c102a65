"""The hops from a client to a push, and their examination in order."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import httpx

from realtime.management.printable import printable
from unitemate.doctor import identity, network, service, sockets
from unitemate.doctor.cases import Case, Fault, Finding, Hop, Outcome, Skip

WAY = (
    Hop("resolve", network.resolve),
    Hop("connect", network.connect, ("resolve",)),
    Hop("certificate", network.certificate, ("connect",)),
    Hop("livez", service.live, ("connect", "certificate")),
    Hop("system", service.system, ("livez",)),
    Hop("proxy headers", service.proxy, ("livez",)),
    Hop("database", service.ready, ("livez",)),
    Hop("channel layer", service.layer, ("livez",)),
    Hop("cache", service.cache, ("livez",)),
    Hop("outbox", service.outbox, ("livez",)),
    Hop("clock", service.clock, ("livez",)),
    Hop("draining", service.draining, ("livez",)),
    Hop("versions", service.versions, ("livez",)),
    Hop("provider's keys", identity.keys, ("livez",)),
    Hop("token", identity.token, ("livez", "database")),
    Hop("handshake", sockets.handshake, ("livez",)),
    Hop("origin", sockets.origin, ("handshake",)),
    Hop("authenticate", sockets.authenticate, ("handshake", "origin", "token")),
    Hop("subscribe", sockets.subscribe, ("authenticate",)),
    Hop("push", sockets.push, ("subscribe",)),
    Hop("heartbeat", sockets.heartbeat, ("authenticate",)),
)
"""What a hop needs are those without which nothing could be learned from it."""

LONGEST = 120.0
"""Seconds for which one hop may go on."""


async def examine(case: Case, way: Sequence[Hop] = WAY) -> AsyncIterator[Finding]:
    """Examine the hops in order.

    Args:
        case: the site; its connections are closed at the end.
        way: the hops; each comes after those that it needs.

    Yields:
        The finding of each hop, as soon as there is one.
    """
    passed: set[str] = set()
    try:
        for hop in way:
            finding = await _at(hop, case, passed)
            if finding.outcome is not Outcome.FAILED:
                passed.add(hop.name)
            if finding.outcome is Outcome.SKIPPED and hop.name != "certificate":
                passed.discard(hop.name)
            yield finding
    finally:
        await case.close()


async def _at(hop: Hop, case: Case, passed: set[str]) -> Finding:
    missing = [name for name in hop.needs if name not in passed]
    if missing:
        return Finding(hop.name, Outcome.SKIPPED, f"needs: {', '.join(missing)}")
    began = time.monotonic()

    def found(outcome: Outcome, detail: str, cause: str = "", remedy: str = "") -> Finding:
        # Parts of these come from the server that is examined.
        took = round(time.monotonic() - began, 3)
        return Finding(hop.name, outcome, printable(detail), printable(cause), printable(remedy), took)

    try:
        async with asyncio.timeout(LONGEST):
            return found(Outcome.OK, await hop.check(case))
    except Skip as skip:
        return found(Outcome.SKIPPED, str(skip))
    except Fault as fault:
        return found(Outcome.FAILED, fault.detail, fault.cause, fault.remedy)
    except httpx.TransportError as error:
        lost = "The connection ended, or no answer came in time: a worker dies or hangs, or the proxy has lost it."
        return found(Outcome.FAILED, type(error).__name__, lost, f"{service.JOURNAL}.")
    except TimeoutError:
        return found(Outcome.FAILED, f"no end within {LONGEST:.0f} s", "What answers does so drop by drop.", "See URL.")
    except Exception as error:  # whatever a stranger's answer may lead to
        return found(Outcome.FAILED, f"an answer that cannot be read: {error!r}", "This is not Unitemate.", "See URL.")
