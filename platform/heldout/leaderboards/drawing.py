"""Small charts as SVG. Pure: numbers and names in, text out. Colours are classes of the site's own css, with
plain colours as attributes for a picture that is saved."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 16, 44
INK, MUTED, ACCENT, GOLD = "#15171c", "#5f636d", "#0b6a4c", "#b5850a"
SERIES = 8
"""How many lines have a look of their own."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Scale:
    """Where values of an axis are on the paper."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False
    thirds: bool = False
    """Three ticks spread evenly, for times."""
    whole: bool = False
    """Whole numbers alone, for counts."""

    def at(self, value: float) -> float:
        """The place of a value; what is beyond an end is drawn at it."""
        low, high, at = (self._measured(each) for each in (self.low, self.high, value))
        share = (at - low) / (high - low) if high > low else 0.5
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def _measured(self, value: float) -> float:
        return math.log10(max(value, 1e-300)) if self.log else value

    def ticks(self) -> list[float]:
        """Round numbers along the axis, up to about six."""
        if self.thirds:
            return [self.low + (self.high - self.low) * share for share in (0.1, 0.5, 0.9)]
        if self.log:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
            every = max(1, (last - first) // 5)
            return [10.0**power for power in range(first, last + 1, every)]
        step = nice_step((self.high - self.low) or 1.0)
        if self.whole:
            step = max(1.0, step)
        first = math.ceil(self.low / step)
        return [index * step for index in range(first, math.floor(self.high / step) + 1)]


def nice_step(length: float) -> float:
    """1, 2 or 5 times a power of ten, that divides the length into five parts or fewer."""
    power = 10.0 ** math.floor(math.log10(length / 5))
    return next(power * factor for factor in (1, 2, 5, 10) if length / (power * factor) <= 5.0001)


def across(low: float, high: float, *, log: bool = False, thirds: bool = False) -> Scale:
    """The axis along the bottom."""
    return Scale(low, high, LEFT, WIDTH - RIGHT, log, thirds)


def upwards(low: float, high: float, *, whole: bool = False) -> Scale:
    """The axis at the left."""
    return Scale(low, high, HEIGHT - BOTTOM, TOP, whole=whole)


def spaced(values: Iterable[float]) -> tuple[float, float]:
    """The ends of an axis with a little to spare."""
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    spare = (high - low or abs(high) or 1.0) / 20
    return low - spare, high + spare


def picture(title: str, description: str, parts: Iterable[str]) -> str:
    """A whole SVG with its name and what it shows in words."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="Inter, sans-serif" font-size="12"><title>{escape(title)}</title>'
        f"<desc>{escape(description)}</desc>{''.join(parts)}</svg>"
    )


def frame(x: Scale, y: Scale, x_text: Callable[[float], str], x_label: str, y_label: str) -> str:
    """Axes with their ticks and names."""
    lines = [
        f'<line class="grid" stroke="#e5e2da" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y.at(tick):.1f}" '
        f'y2="{y.at(tick):.1f}"/>{text(LEFT - 8, y.at(tick) + 4, f"{tick:.4g}", "tick", MUTED, "end")}'
        for tick in y.ticks()
    ]
    floor = HEIGHT - BOTTOM + 16
    lines += [text(x.at(tick), floor, x_text(tick), "tick", MUTED, "middle") for tick in x.ticks()]
    lines.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_label, "label", MUTED, "middle"))
    lines.append(text(4, TOP - 4, y_label, "label", MUTED))
    return "".join(lines)


def text(x: float, y: float, words: str, kind: str, colour: str, anchor: str = "start") -> str:
    """A few words."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" fill="{colour}" {place}>{escape(words)}</text>'


def short(name: str, most: int = 20) -> str:
    """A name that fits beside the drawing."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def line(points: Sequence[Point], kind: str, colour: str = ACCENT) -> str:
    """A line through places on the paper."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>'


def stairs(points: Sequence[Point], end: float) -> list[Point]:
    """The corners of a line that stays where it is until it moves."""
    corners: list[Point] = []
    for x, y in points:
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    return [*corners, (end, corners[-1][1])] if corners else []


def dot(x: float, y: float, radius: float, kind: str, name: str, colour: str = ACCENT) -> str:
    """A dot that says what it is when it is pointed at."""
    shape = f'<circle class="{kind}" fill="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">'
    return f"{shape}<title>{escape(name)}</title></circle>"


def bar(x: float, y: float, width: float, floor: float, name: str) -> str:
    """A column that says what it is when it is pointed at."""
    shape = f'<rect class="bar" fill="{ACCENT}" x="{x:.1f}" y="{y:.1f}" width="{max(1.0, width):.1f}"'
    return f'{shape} height="{max(0.0, floor - y):.1f}"><title>{escape(name)}</title></rect>'


def upright(x: float, name: str, kind: str, row: int) -> str:
    """A line of reference with its name."""
    path = f'x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"'
    stroke = f'<line class="{kind}" stroke="{GOLD}" stroke-dasharray="3 4" {path}/>'
    return stroke + text(x + 4, TOP + 12 + 14 * (row % 6), name, "label", MUTED)


def frontier(points: Sequence[tuple[float, float, str]], *, higher_is_better: bool) -> list[int]:
    """Which (cost, score, name) nobody beats at the same cost or a lower one, from the cheapest on.

    Of equals one is kept: the first by name.
    """
    sign = -1 if higher_is_better else 1
    order = sorted(range(len(points)), key=lambda i: (points[i][0], sign * points[i][1], points[i][2]))
    kept: list[int] = []
    for index in order:
        if not kept or sign * points[index][1] < sign * points[kept[-1]][1]:
            kept.append(index)
    return kept
