"""How much the page loads before it can be used, and how soon that is."""

import pytest
from playwright.sync_api import Request

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

BUDGET = 100_000  # bytes on the wire of everything but fonts and icons
ATTEMPTS = 3

USABLE = """() => new Promise((resolve) => {
  const look = () => {
    if (document.querySelector("button.big:not([hidden])")?.offsetParent && document.querySelector("[data-state=live]"))
      resolve(performance.now());
    else setTimeout(look, 5);
  };
  look();
})"""


def test_it_loads_little(visitor):
    aoi = visitor("Aoi")
    cost: dict[str, int] = {}

    def count(request: Request) -> None:
        if not request.url.endswith(".svg"):
            cost[request.url.removeprefix(aoi.url)] = request.sizes()["responseBodySize"]

    aoi.page.on("requestfinished", count)
    session = aoi.page.context.new_cdp_session(aoi.page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    aoi.page.reload(wait_until="networkidle")
    aoi.page.evaluate(USABLE)
    print(f"{sum(cost.values())} bytes in {len(cost)} answers")
    assert len(cost) > 30
    assert sum(cost.values()) < BUDGET, sorted(cost.items(), key=lambda item: -item[1])


def test_it_is_usable_with_a_slow_processor(visitor):
    """It prints how soon; how fast a machine is says nothing about right and wrong."""
    aoi = visitor("Aoi")
    session = aoi.page.context.new_cdp_session(aoi.page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    times: list[float] = []
    for _ in range(ATTEMPTS):
        aoi.page.reload(wait_until="commit")
        times.append(aoi.page.evaluate(USABLE))
    print(f"usable after {[round(each) for each in times]} ms at a fourth of the processor's speed")
    assert aoi.problems == []
