"""A small line chart as SVG, over linear axes."""

from collections.abc import Mapping, Sequence

from bench.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, document, level, line, step

STEPS = 4
"""Into which each axis is divided."""


def lines(
    title: str, across: str, up: str, series: Mapping[str, Sequence[tuple[float, float]]], *, highest: float
) -> str:
    """Draw named series of points, in the order given.

    Args:
        title, across, up: what to write over the chart and beside its axes.
        series: the points of each line.
        highest: the top of the chart; what lies above is cut off.

    Returns:
        The SVG document.
    """
    xs = [x for points in series.values() for x, _ in points]
    low, high = min(xs), max(xs)

    def place(x: float, y: float) -> tuple[float, float]:
        along = LEFT + (x - low) / (high - low) * (WIDTH - LEFT - RIGHT)
        return along, HEIGHT - BOTTOM - min(y, highest) / highest * (HEIGHT - BOTTOM - TOP)

    parts = []
    for number in range(STEPS + 1):
        value, at = highest * number / STEPS, low + (high - low) * number / STEPS
        parts += [level(place(low, value)[1], f"{value:g}"), step(place(at, 0)[0], f"{at:.0f}")]
    for index, (name, points) in enumerate(series.items()):
        parts.append(line(index, name, [place(x, y) for x, y in points]))
    return document(title, across, up, parts)
