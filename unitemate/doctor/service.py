"""The hops of HTTP: liveness, the proxy's headers, the server's parts, and its versions."""

import asyncio
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from realtime.database import pooling
from unitemate.doctor.cases import Case, Fault, Skip
from unitemate.doctor.fetching import client

ASKED = 12
"""How often `/api/system` is asked for its versions, over connections of their own, to meet all workers."""
FORGED = "203.0.113.99"
"""An address for documentation (RFC 5737), which nobody has."""

JOURNAL = "journalctl -u 'unitemate-web@*' -n 50"
NO_RELAY = (
    "No relay publishes: none holds its lock, or it hangs in the database.",
    f"{JOURNAL}; pg_locks shows who holds the advisory lock, and the table realtime_lease who has proved to live. "
    "Restarting the workers one by one is safe.",
)


async def live(case: Case) -> str:
    """The service answers through its proxy.

    Raises:
        Fault: something else answers, or nothing.
    """
    answer = await _get(case, "/livez")
    if answer.json() != {"status": "ok"}:
        raise _not_ours(case)
    return f"answered in {answer.elapsed.total_seconds() * 1000:.0f} ms"


async def system(case: Case) -> str:
    """The service tells clients what they need to start, and pushes each stream.

    Raises:
        Fault: the answer is not this service's, or a stream is not pushed.
    """
    case.system = (await _get(case, "/api/system")).json()
    if "socket_url" not in case.system:
        raise _not_ours(case)
    off = {"queue", "match", "user"} - set(case.system["streams"])
    if off:
        raise Fault(
            f"not pushed: {', '.join(sorted(off))}",
            "These streams are switched off; clients poll them.",
            "If that is not meant: remove " + ", ".join(f"REALTIME_{name.upper()}_PUSH" for name in sorted(off)) + ".",
        )
    return f"version {case.told['versions']['unitemate']}, heartbeat {case.system['heartbeat']:g} s"


async def proxy(case: Case) -> str:
    """The server sees the scheme, host name and address that the client used, and believes no forged ones.

    Raises:
        Fault: it sees others, or believes a forged one.
    """
    settings = "Set BEHIND_PROXY=1, and FORWARDED_ALLOW_IPS to the proxy's address where it is on another machine."
    seen = urlsplit(case.told["socket_url"])
    if (seen.scheme == "wss") is not case.is_secure:
        raise Fault(
            f"the server takes {case.url} for {'HTTPS' if seen.scheme == 'wss' else 'plain HTTP'}",
            "The proxy does not say by which scheme it was asked, or the server does not believe it.",
            f"nginx: proxy_set_header X-Forwarded-Proto $scheme. {settings}",
        )
    if seen.hostname != case.host:
        raise Fault(
            f"the server takes its name for {seen.hostname}",
            "The proxy sends a name of its own; the socket's origin check compares with it.",
            "nginx: proxy_set_header Host $host$asked_port.",
        )
    forged = await _get(case, "/api/system", {"X-Forwarded-For": FORGED})
    if forged.json()["address"] == FORGED:
        raise Fault(
            "the server believes any X-Forwarded-For",
            "The proxy passes the client's own header on, or the server can be reached past the proxy and trusts all.",
            "nginx: proxy_set_header X-Forwarded-For $remote_addr. FORWARDED_ALLOW_IPS names proxies only, never *.",
        )
    address = case.told["address"]
    peers = await _addresses(case)
    if address and _is_inner(address) and not any(map(_is_inner, peers)):
        raise Fault(
            f"the server takes this client for {address}",
            "That is the proxy's address: limits per address would count all clients as one.",
            f"nginx: proxy_set_header X-Forwarded-For $remote_addr. {settings}",
        )
    return f"{seen.scheme}, {seen.hostname}, from {address}"


async def ready(case: Case) -> str:
    """The database answers. The answer of `/readyz` is kept for the hops that follow.

    Raises:
        Fault: it does not answer, or `/readyz` does not.
    """
    answer = await case.http.get("/readyz")
    if answer.status_code not in (200, 503) or "database" not in (body := _json(answer)):
        raise _refusal(answer, "/readyz")
    case.ready = body
    if body["database"] == pooling.PROBLEM:
        raise Fault(
            f"/readyz: database: {pooling.PROBLEM}", "DATABASE_URL leads to PgBouncer or its like.", pooling.REMEDY
        )
    return _part(
        case,
        "database",
        "PostgreSQL is down, refuses the server, or has no connection left.",
        f"systemctl status postgresql; compare DATABASE_URL; {JOURNAL}.",
    )


async def layer(case: Case) -> str:
    """A message goes through the channel layer and comes back."""
    return _part(
        case,
        "channel_layer",
        "Redis is down or cannot be reached. Pushes come late meanwhile, by comparison with the database.",
        "systemctl status redis-server; compare REDIS_URL. It may come back empty; nothing is lost.",
    )


async def cache(case: Case) -> str:
    """The cache counts requests, so that rate limits work.

    Raises:
        Fault: it does not.
        Skip: the server is of an older version.
    """
    if "cache" not in case.ready:
        raise Skip("/readyz says nothing of it: an older version")
    return _part(
        case,
        "cache",
        "Redis is away; or it takes no writes: a replica, as after a failover, or one without memory or disk left.",
        "redis-cli info replication, and set x 1. REDIS_URL names the primary first.",
    )


async def outbox(case: Case) -> str:
    """Committed changes are published."""
    return _part(
        case,
        "outbox",
        *NO_RELAY,
    )


async def clock(case: Case) -> str:
    """The clock of the worker's host agrees with the database's."""
    return _part(
        case,
        "clock",
        "The host's clock, or the database's, is not kept by a time server: deadlines come early or late.",
        "On both: timedatectl, and apt-get install chrony.",
    )


async def draining(case: Case) -> str:
    """The worker that answers is not stopping."""
    return _part(
        case,
        "server",
        "This worker was told to stop and sends its clients away; they come back to another.",
        "During a deployment: wait. Otherwise see why it does not end: systemctl status 'unitemate-web@*'.",
    )


async def versions(case: Case) -> str:
    """All workers run the same version.

    Raises:
        Fault: they run different ones.
    """
    # At once: without the database each answer takes seconds.
    seen = {_words(case.told["versions"]), *await asyncio.gather(*(_versions(case) for _ in range(ASKED)))}
    if len(seen) > 1:
        raise Fault(
            " | ".join(sorted(seen)),
            "Workers of different versions serve side by side: a deployment is under way, or was left half-way.",
            "Restart those that were forgotten: systemctl restart unitemate-web@8001, then the next.",
        )
    return seen.pop()


async def _versions(case: Case) -> str:
    """The versions of one worker, over a new connection."""
    async with client(case.url, case.tls) as fresh:
        return _words((await fresh.get("/api/system")).json()["versions"])


def _words(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(versions.items()) if version)


def _part(case: Case, name: str, cause: str, remedy: str) -> str:
    state = case.ready.get(name, "ok")  # a worker of an older version knows fewer parts
    if state != "ok":
        raise Fault(f"/readyz: {name}: {state}", cause, remedy)
    return "ok, by /readyz"


async def _get(case: Case, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """A successful answer, which holds a JSON object.

    Raises:
        Fault: the answer is a different one, or there is none.
    """
    try:
        answer = await case.http.get(path, headers=headers)
    except httpx.TransportError as error:
        raise Fault(
            f"{path}: {type(error).__name__}",
            "The connection ended without an answer: the proxy has no server block for this name, or a worker dies.",
            f"Compare server_name in nginx.conf with the URL; {JOURNAL}.",
        ) from error
    if answer.status_code != 200 or not isinstance(_json(answer), dict):
        raise _refusal(answer, path)
    return answer


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _refusal(answer: httpx.Response, path: str) -> Fault:
    """The fault that an unexpected status stands for."""
    status, detail = answer.status_code, f"{path}: {answer.status_code} {answer.reason_phrase}"
    if status in (502, 503, 504):
        return Fault(
            detail,
            "The proxy runs and finds no worker, or none that answers in time.",
            f"systemctl status 'unitemate-web@*'; compare `upstream` in nginx.conf; {JOURNAL}.",
        )
    if status == 400:
        return Fault(
            detail,
            "The server does not know this name.",
            "Add it to ALLOWED_HOSTS; nginx: proxy_set_header Host $host$asked_port.",
        )
    if status in (301, 302, 307, 308):
        return Fault(
            f"{detail}, to {answer.headers.get('Location', 'nowhere')}",
            "The site is at that address; or, if that is the same one, the server takes HTTPS for plain HTTP.",
            "Examine that address; or nginx: proxy_set_header X-Forwarded-Proto $scheme, and BEHIND_PROXY=1.",
        )
    if status == 429:
        return Fault(detail, "Too many requests from this address.", "Wait a minute and try again.")
    if status == 500:
        return Fault(detail, "The server fails at this request.", f"{JOURNAL}.")
    return Fault(
        detail,
        "What answers is not Unitemate, or not all of its paths are passed on to it.",
        "Compare the URL, and the locations in nginx.conf, with deploy/nginx.conf.",
    )


def _not_ours(case: Case) -> Fault:
    return Fault(f"{case.url} answers something else", "This is not Unitemate.", "Compare the URL.")


async def _addresses(case: Case) -> list[str]:
    """The site's address as this machine sees it; empty if unknown."""
    stream = (await case.http.get("/livez")).extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    return [str(peer[0])] if peer else []


def _is_inner(address: str) -> bool:
    """Whether an address is not public."""
    try:
        return not ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return True
