"""Small plots as SVG, without a library; here over logarithmic axes, in `matchmaking.chart` over linear ones."""

import math
from collections.abc import Iterable, Mapping

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 360, 64, 48, 40, 24
COLOURS = ("#2563eb", "#d97706", "#059669", "#7c3aed")


def lines(title: str, across: str, up: str, series: Mapping[str, Mapping[float, float]]) -> str:
    """Draw named series of {x: y}, all positive.

    Args:
        title, across, up: what to write over the plot and beside its axes.
        series: the lines.

    Returns:
        The SVG document.
    """
    xs = [x for points in series.values() for x in points]
    ys = [y for points in series.values() for y in points.values()]
    low_x, high_x = math.log10(min(xs)), math.log10(max(xs))
    low_y, high_y = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (math.log10(x) - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - (math.log10(y) - low_y) / (high_y - low_y) * (HEIGHT - BOTTOM - TOP),
        )

    parts = []
    for power in range(low_y, high_y + 1):
        parts.append(level(place(min(xs), 10**power)[1], f"{10**power:g}"))
    for x in sorted(set(xs)):
        parts.append(step(place(x, 10**low_y)[0], f"{x:g}"))
    for index, (name, points) in enumerate(series.items()):
        places = [place(x, y) for x, y in sorted(points.items())]
        parts.append(line(index, name, places))
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[index % len(COLOURS)]}"/>' for x, y in places
        ]
    return document(title, across, up, parts)


def document(title: str, across: str, up: str, parts: Iterable[str]) -> str:
    """The SVG document around these parts."""
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{title}</text>',
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">{across}</text>',
        f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2})">{up}</text>',
    ]
    return "\n".join([*head, *parts, "</svg>", ""])


def level(y: float, label: str) -> str:
    """A level of the upright axis: a thin line across, and what to write beside it."""
    across = f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
    return f'{across}\n<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'


def step(x: float, label: str) -> str:
    """A step of the axis across: what to write below it."""
    return f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{label}</text>'


def line(index: int, name: str, places: Iterable[tuple[float, float]]) -> str:
    """The line of a series through these places, and its name among those in the corner."""
    colour, path = COLOURS[index % len(COLOURS)], " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    drawn = f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    return f'{drawn}\n<text x="{LEFT + 10}" y="{TOP + 16 * index + 4}" fill="{colour}">{name}</text>'
