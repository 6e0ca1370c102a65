"""Taking orders over a port of their own."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

MESSAGE = json.loads(Path(__file__).with_name("message.json").read_text())


def changes(number: int) -> dict[str, Any]:
    """What the message says, with this number and the time in it; everything differs from the one before."""
    numbers = {key: {role: base + number % 9 for role, base in MESSAGE[key].items()} for key in MESSAGE}
    return {"total_waiting": number, "ts": time.time(), **numbers}


def message(number: int) -> dict[str, Any]:
    """The whole message, as a frame of the service has it."""
    head = {"action": "updateQueue", "stream": "queue", "epoch": "9f2c6d1be0a47358", "seq": number + 1, "prev": number}
    return head | {"changes": changes(number), "timestamp": time.time()}


async def take_orders(port: int, serve: Callable[[dict[str, Any]], Awaitable[Any]]) -> asyncio.Server:
    """Answer each line of JSON with what `serve` returns for it."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(json.dumps(await serve(json.loads(line))).encode() + b"\n")
            await writer.drain()
        writer.close()

    return await asyncio.start_server(talk, "127.0.0.1", port, limit=2**24)
