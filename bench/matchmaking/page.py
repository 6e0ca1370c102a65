"""From `results.json` to `docs/matchmaking.md` and its plots; the words are in `page.md`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.markdown import table
from bench.matchmaking import chart

RESULTS = Path(__file__).resolve().parent / "results.json"
TEXT = Path(__file__).resolve().parent / "page.md"
DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
PAGE = DOCS / "matchmaking.md"

COLUMNS = {
    "median_wait": ("median wait, s", ".0f"),
    "p95_wait": ("p95, s", ".0f"),
    "longest_wait": ("longest, s", ".0f"),
    "starved": ("starved", ".1%"),
    "unevenness": ("p95 of chance off even", ".3f"),
    "sum_unevenness": ("same, of sums", ".3f"),
    "gap": ("mean gap, points", ".1f"),
    "range": ("rating range", ".0f"),
    "first_choice": ("first choice", ".1%"),
    "blocked_matches": ("matches with a blocked pair", ".1%"),
    "matches": ("matches", "d"),
}

RATES = ("1.5", "3", "6")
LIMITS = {
    "median_wait": (190, 112, 75),
    "p95_wait": (560, 360, 245),
    "longest_wait": (1000, 750, 480),
    "unevenness": (0.05, 0.035, 0.03),
    "gap": (5.5, 3.6, 2.8),
    "first_choice": (0.66, 0.68, 0.73),
    "blocked": (0, 0, 0),
    "range": (716, 679, 506),
}
"""What must hold at each of `RATES`: at most this, but for the first choice, which is at least this."""

NAMES = {name: title for name, (title, _) in COLUMNS.items()} | {"blocked": "blocked pairs"}


def read() -> dict[str, Any]:
    """The results there are: {part: when it was taken, and its figures}."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def write() -> None:
    """Write the page from them."""
    results = read()
    text = TEXT.read_text()
    for name, writer in WRITERS.items():
        found = results.get(name)
        part = f"{writer(found['figures'])}\n\n*Taken {found['taken_at']}.*" if found else "*Not taken yet.*"
        text = text.replace(f"<!-- {name} -->", part)
    if "steady" in results:
        text = text.replace("<!-- limits -->", _limits(results["steady"]["figures"]))
    PAGE.write_text(text)


def _figures(first: str, named: Mapping[str, Mapping[str, Any]]) -> str:
    head = [first, *(title for title, _ in COLUMNS.values())]
    rows = [[name, *(format(one[key], form) for key, (_, form) in COLUMNS.items())] for name, one in named.items()]
    return table(head, rows)


def _limits(steady: Mapping[str, Any]) -> str:
    rows = []
    for name, limits in LIMITS.items():
        form = COLUMNS.get(name, ("", "d"))[1]
        cells = []
        for rate, limit in zip(RATES, limits, strict=True):
            value = steady[rate]["ours"][name]
            held = value >= limit if name == "first_choice" else value <= limit
            cells.append(f"{value:{form}} / {limit:{form}} {'✓' if held else '✗'}")
        rows.append([NAMES[name], *cells])
    return table(["ours / limit", *(f"{rate} a minute" for rate in RATES)], rows)


def _held_out(found: Mapping[str, Any]) -> str:
    return _figures("players a minute", found)


def _steady(found: Mapping[str, Any], name: str = "matchmaking") -> str:
    parts = []
    for rate, matchmakers in found.items():
        picture = f"{name}-{rate.replace('.', '-')}.svg"
        series = {
            matchmaker: [(2.0 * index, wait) for index, wait in enumerate(one["waits"])]
            for matchmaker, one in matchmakers.items()
        }
        highest = {"1.5": 1600, "3": 1000, "6": 600}[rate]
        title, across = f"Waits at {rate} players a minute", "share of players who wait no longer, %"
        (DOCS / picture).write_text(chart.lines(title, across, "seconds", series, highest=highest))
        parts += [f"### {rate} players a minute", _figures("", matchmakers), f"![Waits]({picture})"]
    return "\n\n".join(parts)


def _narrow(found: Mapping[str, Any]) -> str:
    return "\n\n".join(f"### {rate} a minute, sd 29\n\n{_figures('', named)}" for rate, named in found.items())


def _others(found: Mapping[str, Any]) -> str:
    return "\n\n".join(f"### {kind[0].upper()}{kind[1:]}\n\n{_figures('', named)}" for kind, named in found.items())


def _trade_off(found: Mapping[str, Any]) -> str:
    series = {
        f"{rate} a minute": sorted((one["range"], one["p95_wait"]) for one in named.values())
        for rate, named in found.items()
    }
    title, across = "What near ratings cost", "rating range within a match, median, points"
    picture = chart.lines(title, across, "p95 wait, s", series, highest=800)
    (DOCS / "matchmaking-trade-off.svg").write_text(picture)
    tables = [f"{rate} a minute:\n\n{_figures('RANGE', named)}" for rate, named in found.items()]
    return "\n\n".join(["![What near ratings cost](matchmaking-trade-off.svg)", *tables])


def _exact(found: Mapping[str, Any]) -> str:
    return (
        f"On {found['pools']} random pools of 12 to 16 tickets, of which {found['with_a_match']} hold a match, the "
        f"search had the objective of the exact solver (HiGHS by `scipy.optimize.milp`) in {found['same']} "
        f"({found['same'] / found['pools']:.1%}), in {1000 * found['seconds']:.0f} ms of CPU on average against "
        f"{1000 * found['exact_seconds']:.0f} ms."
    )


def _rounds(found: Mapping[str, Any]) -> str:
    rows = [[number, str(one["matches"]), f"{1000 * one['seconds']:.0f}"] for number, one in found.items()]
    return table(["waiting", "matches", "CPU time, ms"], rows)


def _waits(found: Mapping[str, Any]) -> str:
    columns = {
        "median_error": "median error, s",
        "mean_error": "mean error, s",
        "bias": "bias, s",
        "recent_median_error": "median error of the recent median, s",
        "recent_mean_error": "mean error of it, s",
    }
    rows = [[rate, *(f"{one[key]:.0f}" for key in columns), f"{one['moved']:.0%}"] for rate, one in found.items()]
    return table(["players a minute", *columns.values(), "a join moves a role's number"], rows)


def _ratings(found: Mapping[str, Any]) -> str:
    head = ["", "log-loss, first 10", "log-loss after", "rank correlation", "to 0.8", "newcomers' error", "mean shown"]
    parts = []
    for kind, systems in found.items():
        rows = [
            [
                name,
                f"{one['first_log_loss']:.4f}",
                f"{one['log_loss']:.4f}",
                f"{one['correlation']:.3f}",
                "not always" if one["settled"] is None else f"{one['settled']:.0f}",
                f"{one['newcomer_error']:.0f}",
                f"{one['gain']:.0f}",
            ]
            for name, one in systems.items()
        ]
        parts += [f"### {kind[0].upper()}{kind[1:]}", table(head, rows)]
    return "\n\n".join(parts)


WRITERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "steady": _steady,
    "held_out": _held_out,
    "narrow": _narrow,
    "others": _others,
    "trade_off": _trade_off,
    "exact": _exact,
    "rounds": _rounds,
    "waits": _waits,
    "ratings": _ratings,
}
