"""One simulated evening, from the first request to the report."""

import asyncio
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from unitemate.simulation.api import Api, Unavailable
from unitemate.simulation.audit import audit
from unitemate.simulation.clock import Clock
from unitemate.simulation.evening import Evening
from unitemate.simulation.ledger import Ledger
from unitemate.simulation.report import Report, draw_up

DEFAULT_SPEED = 100.0  # an evening in twelve minutes, which two slow cores keep up with


async def simulate(url: str, *, players: int, hours: float, speed: float | None, seed: int, console: Console) -> Report:
    """Play an evening at a server and audit it.

    Args:
        url: of the server.
        players: how many come.
        hours: of the evening.
        speed: simulated seconds per real one; None for the server's own time scale.
        seed: of all random choices.
        console: for the progress.

    Raises:
        ConnectionError: the server does not answer.
        ValueError: the server has no development login, or another time scale.
    """
    async with Api(url) as api:
        try:
            system = (await api.call("GET", "system", attempts=4)).body
        except Unavailable as error:
            raise ConnectionError(f"no answer from {url}") from error
        scale = system["time_scale"]
        if not system["dev_login"]:
            raise ValueError("the server has no development login (UNITEMATE_DEV_LOGIN=1)")
        if speed is not None and speed != scale:
            raise ValueError(f"the server runs at UNITEMATE_TIME_SCALE={scale:g}, not {speed:g}")
        ledger = Ledger(players)
        evening = Evening(
            api,
            socket_url=system["socket_url"],
            clock=Clock(scale),
            hours=hours,
            limits={name: seconds * scale for name, seconds in system["limits"].items()},
            seed=seed,
            ledger=ledger,
        )
        began = time.monotonic()
        watcher = asyncio.create_task(_show_progress(evening, hours, console))
        try:
            await evening.run()
        finally:
            watcher.cancel()
        took, requests = time.monotonic() - began, api.requests
        console.print(f"the last player has gone home; auditing {len(evening.players)} clients")
        await audit(evening.players, ledger, seed)
        return draw_up(ledger, evening.players, api, evening_requests=requests, took=took)


async def _show_progress(evening: Evening, hours: float, console: Console) -> None:
    """Show a progress bar on a terminal, and a line each simulated hour elsewhere."""
    ledger, clock = evening.ledger, evening.clock

    def state() -> str:
        return f"{ledger.here} here, {len(ledger.noticed)} matches, {evening.api.requests:,} requests"

    if not console.is_terminal:
        while True:
            console.print(f"{clock.now() / 3600:5.1f} h  {state()}")
            await clock.sleep(3600)
    columns = ("evening", BarColumn(), TextColumn("{task.fields[clock]}"), TextColumn("{task.fields[state]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("evening", total=hours, clock="", state="")
        while True:
            passed = clock.now() / 3600
            progress.update(task, completed=min(passed, hours), clock=f"{passed:.1f} of {hours:g} h", state=state())
            await asyncio.sleep(0.25)
