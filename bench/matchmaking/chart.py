"""A small line chart as SVG, over linear axes."""

from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 320, 60, 44, 36, 24
COLOURS = ("#2563eb", "#dc2626", "#d97706", "#059669")


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

    def place(x: float, y: float) -> str:
        along = LEFT + (x - low) / (high - low) * (WIDTH - LEFT - RIGHT)
        return f"{along:.1f},{HEIGHT - BOTTOM - min(y, highest) / highest * (HEIGHT - BOTTOM - TOP):.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{title}</text>',
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 8}" text-anchor="middle">{across}</text>',
        f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2})">{up}</text>',
    ]
    for step in range(5):
        value = highest * step / 4
        left, y = place(low, value).split(",")
        parts.append(f'<path d="M{left} {y}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{float(y) + 4:.1f}" text-anchor="end">{value:g}</text>')
        at = low + (high - low) * step / 4
        x, _ = place(at, 0).split(",")
        parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{at:.0f}</text>')
    for index, (name, points) in enumerate(series.items()):
        colour = COLOURS[index % len(COLOURS)]
        path = " ".join(place(x, y) for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{LEFT + 10}" y="{TOP + 15 * index + 8}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])
