"""From commit to client on a quiet system: 500 watchers, a change each 200 ms."""

from typing import Any

from bench import servers

WATCHERS = 500
CHANGES = 150
SECONDS_BETWEEN_CHANGES = 0.2


async def measure(environment: dict[str, str]) -> dict[str, Any]:
    """Milliseconds from the commit until the first and until the last watcher held the change."""
    async with servers.ours(environment) as server:
        group = server.group()
        tokens = await servers.accounts(server, WATCHERS)
        await server.order(do="empty")
        await group.open(WATCHERS, tokens)
        group.timed = True
        group.aim(CHANGES)
        times = await server.order(do="commit", count=CHANGES, pause=SECONDS_BETWEEN_CHANGES)
        await group.all_hold()
        # A change that was merged into a later one arrived with that.
        seen = [min(number for number in group.arrivals if number > index) for index in range(CHANGES)]
        first = sorted(1000 * (group.arrivals[number][0] - at) for number, at in zip(seen, times, strict=True))
        last = sorted(1000 * (group.arrivals[number][1] - at) for number, at in zip(seen, times, strict=True))
        group.close()
        await server.order(do="empty")
        return {
            f"{which}_p{percent}_ms": round(values[min(len(values) - 1, len(values) * percent // 100)], 2)
            for which, values in (("first", first), ("last", last))
            for percent in (50, 99)
        }
