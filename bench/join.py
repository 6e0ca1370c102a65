"""Joining the queue beside an empty DRF view with one insert: requests per second of the server's CPU.

A join verifies a token, locks the account, asks whether anything keeps the player out, inserts the
entry, and leads to changes of the queue's and of the player's own stream; all of that is counted.
Nobody is connected, as nothing is pushed where nobody looks, but the streams are published.
"""

import asyncio
import json
import statistics
from collections.abc import Sequence
from typing import Any

from bench import machine, servers

REQUESTS = 1_000
"""Of each kind in a round, half of which warm the server up before the first."""
ROUNDS = 3
LINKS = 8
"""Requests under way at the same time."""
BODY = json.dumps({"selected_roles": ["TANK", "SUPPORT", "MIDDLE"]}).encode()


async def measure(environment: dict[str, str]) -> dict[str, Any]:
    """Medians over the rounds; the two take turns."""
    async with servers.ours(environment) as server:
        tokens = await servers.accounts(server, REQUESTS)
        await server.order(do="ask", stream="queue")  # what nobody has ever asked for is not published
        await _post(server.url, "bench/insert", [""] * (REQUESTS // 2))
        found: dict[str, list[float]] = {"join": [], "insert": []}
        for _ in range(ROUNDS):
            await server.order(do="empty")
            found["join"].append(await _rate(server, "api/queue/join", tokens))
            found["insert"].append(await _rate(server, "bench/insert", [""] * REQUESTS))
        await server.order(do="empty")
    rates = {f"{name}s_per_cpu_second": round(statistics.median(values)) for name, values in found.items()}
    shares = [join / insert for join, insert in zip(found["join"], found["insert"], strict=True)]
    return rates | {"share": round(statistics.median(shares), 3)}


async def _rate(server: servers.Running, path: str, tokens: Sequence[str]) -> float:
    """Requests per CPU second, until everything that they led to is published."""
    used = machine.cpu_seconds(server.pid)
    await _post(server.url, path, tokens)
    await server.order(do="published")
    return len(tokens) / (machine.cpu_seconds(server.pid) - used)


async def _post(url: str, path: str, tokens: Sequence[str]) -> None:
    """Make a request for each token, over a few connections that stay open.

    Raises:
        RuntimeError: one was not answered with 201.
    """
    port = int(url.split(":")[2].split("/")[0])
    waiting = iter(tokens)

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for token in waiting:
            head = f"POST /{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            head += f"Authorization: Bearer {token}\r\n" if token else ""
            writer.write(f"{head}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            body = await reader.readexactly(int(length.split(b":")[1]))
            if not answer.startswith(b"HTTP/1.1 201"):
                raise RuntimeError(f"{answer!r} {body!r}")
        writer.close()

    await asyncio.gather(*(work() for _ in range(LINKS)))
