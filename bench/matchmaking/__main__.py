"""Measure matchmaking and ratings: `python -m bench.matchmaking [part ...]`.

What each part finds is kept in `results.json`, from which `docs/matchmaking.md` and its plots are
written. The evenings have a clock of their own: only `rounds` depends on the machine.
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from bench.matchmaking import page
from bench.matchmaking.evenings import held_out, narrow_ratings, other_arrivals, steady_arrivals, trade_off
from bench.matchmaking.ratings import rating_systems
from bench.matchmaking.searching import against_exact, rounds
from bench.matchmaking.waits import wait_estimates

PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "steady": steady_arrivals,
    "held_out": held_out,
    "narrow": narrow_ratings,
    "others": other_arrivals,
    "trade_off": trade_off,
    "exact": against_exact,
    "rounds": rounds,
    "waits": wait_estimates,
    "ratings": rating_systems,
}


def main() -> None:
    """Run the parts asked for, all by default, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=list(PARTS), metavar="part", help=f"of {', '.join(PARTS)}")
    for part in parser.parse_args().parts or PARTS:
        start = time.monotonic()
        found = PARTS[part]()
        results = page.read()
        results[part] = {"taken_at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "figures": found}
        page.RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        print(f"{part} done in {time.monotonic() - start:.0f} s", flush=True)
    page.write()


if __name__ == "__main__":
    main()
