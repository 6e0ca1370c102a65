"""What an idle authenticated connection of its own player costs in memory."""

import asyncio
from typing import Any

from bench import machine, servers

FEW, MANY = 500, 3_000
REST = 3.0
"""Seconds for what connecting has left behind to be let go."""


async def measure(environment: dict[str, str]) -> dict[str, Any]:
    """Bytes a connection: the slope of the process's resident memory between the two numbers."""
    async with servers.ours(environment) as server:
        group = server.group()
        tokens = await servers.accounts(server, MANY)
        await group.open(FEW, tokens[:FEW])
        await asyncio.sleep(REST)
        few = machine.resident_bytes(server.pid)
        await group.open(MANY - FEW, tokens[FEW:])
        await asyncio.sleep(REST)
        many = machine.resident_bytes(server.pid)
        group.close()
    return {"bytes_per_connection": round((many - few) / (MANY - FEW)), "process_with_3000_mb": round(many / 2**20)}
