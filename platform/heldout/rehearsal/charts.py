"""Plots as inline SVG, drawn by hand: no script, no library, and colours that follow light and dark."""

import math
from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 860, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 28
TICKS = 6
Point = tuple[float, float]


def nice_step(span: float, most: int) -> float:
    """A step of 1, 2 or 5 times a power of ten, so that at most so many fit into the span."""
    rough = max(span, 1e-9) / most
    power = 10.0 ** math.floor(math.log10(rough))
    return next((factor * power for factor in (1, 2, 5) if factor * power >= rough), 10 * power)


class Plot:
    """A plot from 0 to the largest values given."""

    def __init__(self, right: float, top: float, *, x_label: str, y_label: str) -> None:
        self.right, self.top = max(right, 1e-9), max(top, 1e-9)
        self.x_label, self.y_label = x_label, y_label
        self._parts: list[str] = []

    def x(self, value: float) -> float:
        """Pixels from the left."""
        return LEFT + value / self.right * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Pixels from above."""
        return HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)

    def line(self, points: Sequence[Point], style: str, title: str) -> "Plot":
        """A line through the points."""
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self._parts.append(
            f'<polyline class="{style}" points="{path}"><title>{escape(title)}</title></polyline>'
        )
        return self

    def band(self, start: float, end: float, title: str) -> "Plot":
        """A part of the time, at least a pixel and a half wide."""
        left, width = self.x(start), max(1.5, self.x(end) - self.x(start))
        self._parts.insert(
            0,
            f'<rect class="fault" x="{left:.1f}" y="{TOP}" width="{width:.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}"><title>{escape(title)}</title></rect>',
        )
        return self

    def svg(self, title: str) -> str:
        """The plot with its axes."""
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
            f"{self._axes()}{''.join(self._parts)}</svg>"
        )

    def _axes(self) -> str:
        parts = []
        step = nice_step(self.top, TICKS)
        for number in range(int(self.top / step) + 1):
            at = self.y(number * step)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" class="end">{number * step:g}</text>')
        step = nice_step(self.right, 2 * TICKS)
        for number in range(int(self.right / step) + 1):
            at = self.x(number * step)
            parts.append(f'<text x="{at:.1f}" y="{HEIGHT - 10}" class="middle">{number * step:g}</text>')
        parts.append(
            f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - BOTTOM - 6}" class="end">{escape(self.x_label)}</text>'
        )
        parts.append(f'<text x="{LEFT + 6}" y="{TOP + 10}">{escape(self.y_label)}</text>')
        return "".join(parts)


def rates(moments: Sequence[float], until: float, width: float) -> list[Point]:
    """How many came a second, in steps of `width` seconds: the points of a stepped line."""
    counts = [0] * max(1, math.ceil(until / width))
    for moment in moments:
        counts[min(len(counts) - 1, int(moment / width))] += 1
    points: list[Point] = []
    for number, count in enumerate(counts):
        points += [(number * width, count / width), (min(until, (number + 1) * width), count / width)]
    return points


def shares(ordered: Sequence[float], most: int = 300) -> list[Point]:
    """Which share of the values is at most so large: percent by value."""
    if not ordered:
        return [(0.0, 0.0)]
    step = max(1, len(ordered) // most)
    kept = [*range(0, len(ordered), step), len(ordered) - 1]
    return [(ordered[at], 100 * (at + 1) / len(ordered)) for at in kept]
