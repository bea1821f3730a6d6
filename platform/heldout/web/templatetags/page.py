"""Words, numbers and times as the pages write them."""

import math
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

register = template.Library()

MOMENT_FORMATS = {"clock": "H:i", "day": "D j M", "full": "D j M, H:i"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawing of `icons.svg`, hidden from screen readers unless it has a label."""
    address = f"{static('icons.svg')}#{name}"
    if not label:
        return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', address)
    return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address)


@register.simple_tag(takes_context=True)
def moment(context: template.Context, at: datetime, style: str = "full") -> SafeString:
    """A `<time>` in the event's time zone, which a script writes in the reader's: `clock`, `day`, `full`,
    or `since`, which it counts."""
    text, title = _at_the_venue(context, at, style)
    return format_html(
        '<time datetime="{}" data-moment="{}" title="{}">{}</time>',
        at.isoformat(timespec="seconds"), style, title, text,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def venue_moment(context: template.Context, at: datetime, style: str = "full") -> SafeString:
    """A `<time>` as clocks show it at the venue, wherever the reader is."""
    text, title = _at_the_venue(context, at, style)
    iso = at.isoformat(timespec="seconds")
    return format_html('<time datetime="{}" title="{}">{}</time>', iso, title, text)


@register.simple_tag(takes_context=True)
def own_moment(context: template.Context, at: datetime) -> SafeString:
    """A place beside the venue's time, in which a script writes the reader's own where the two differ."""
    return format_html(
        '<time hidden class="own-time small muted" datetime="{}" data-venue="{}"></time>',
        at.isoformat(timespec="seconds"), context["event"].time_zone,
    )  # fmt: skip


def _at_the_venue(context: template.Context, at: datetime, style: str) -> tuple[str, str]:
    """A time in the event's zone, short, and in full with the zone."""
    place = context.get("place")
    event = place.event if place else context.get("event")
    local = localtime(at, ZoneInfo(event.time_zone) if event else None)
    text = date_format(local, MOMENT_FORMATS.get(style, MOMENT_FORMATS["full"]))
    return text, f"{date_format(local, 'D j M Y, H:i')} {local.tzname() or 'UTC'}"


@register.filter
def size(count: int | None) -> str:
    """Bytes as a person reads them: 44.7 MB."""
    return "—" if count is None else _scaled(count, ["B", "kB", "MB", "GB", "TB"])


@register.filter
def count(number: int | None) -> str:
    """A large count in three digits: 4.1 M."""
    return "—" if number is None else _scaled(number, ["", "k", "M", "G", "T"])


def _scaled(number: float, units: list[str]) -> str:
    for unit in units[:-1]:
        if number < 999.5:
            return f"{_three_digits(number)} {unit}".strip()
        number /= 1000
    return f"{_three_digits(number)} {units[-1]}"


def _three_digits(number: float) -> str:
    if number == int(number) or number >= 99.95:
        return f"{number:.0f}"
    return f"{number:.1f}" if number >= 1 else f"{number:.2g}"


@register.filter
def milliseconds(value: float | None) -> str:
    """Milliseconds in a few digits: 0.4 ms, 21 ms, 1.2 s."""
    if value is None:
        return "—"
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{_three_digits(value)} ms"


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as a person says them: 0.3 s, 12 s, 4 min, 2 h 5 min."""
    if seconds is None:
        return ""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


@register.filter
def percent(fraction: float) -> str:
    """A fraction in whole percent: 62 %."""
    return f"{fraction * 100:.0f} %"


@register.filter
def times(ratio: float | None) -> str:
    """A multiple: 2.1x, with the sign for it."""
    return "—" if ratio is None else f"{_three_digits(ratio)}\u00d7"


@register.filter
def resolution(lengths: list[int] | None) -> str:
    """Height and width in pixels: 64 x 64, with the sign for it."""
    return " \u00d7 ".join(str(length) for length in lengths or [])


@register.filter
def measure(value: float | None) -> str:
    """A measured number that has no interval to tell its digits: two decimals, or three digits."""
    if value is None:
        return "—"
    size = abs(value)
    if 0 < size < 0.01:
        return f"{value:.2g}"
    return f"{value:.2f}" if size < 10 else f"{value:.1f}" if size < 100 else f"{value:.0f}"


@register.filter
def signed(value: float | None) -> str:
    """A measured difference with its sign."""
    return "—" if value is None else f"{value:+.3f}" if abs(value) < 10 else f"{value:+.1f}"


@register.filter
def cost(value: float | None, name: str) -> str:
    """A measure of cost, by its name in `scoring.job.Cost`, in its own unit."""
    if value is None:
        return "—"
    if name.endswith("bytes"):
        return size(int(value))
    return milliseconds(value) if name.startswith("milliseconds") else count(int(value))


@register.filter
def threshold(value: float) -> str:
    """A pass line with all that it has, and below 10 with two decimals at least."""
    exact = f"{value:.12g}"
    return max(f"{value:.2f}", exact, key=len) if value == 0 or 0.01 <= abs(value) < 10 else exact


@register.filter
def shape(lengths: tuple[int, ...]) -> str:
    """A shape with its batch axis, as it is written on paper."""
    return " \u00d7 ".join(["n", *(str(length) for length in lengths)])


@register.filter
def as_exact_as(value: float, text: str) -> str:
    """A number with as many decimals as `text` shows."""
    return f"{value:.{len(text.partition('.')[2])}f}"


class Scored(Protocol):
    """Anything with a score and its interval."""

    score: float
    low: float
    high: float
    score_text: str


@register.inclusion_tag("components/interval.html")
def interval(scored: Scored, axis: tuple[float, float], pass_score: float) -> dict[str, Any]:
    """A score as a dot with its interval and the pass line, on an axis from `axis[0]` to `axis[1]`."""
    low, high = as_exact_as(scored.low, scored.score_text), as_exact_as(scored.high, scored.score_text)
    return {
        "label": f"{scored.score_text}, 95 % interval {low} to {high}, pass line {threshold(pass_score)}",
        "low_x": _along(scored.low, axis),
        "score_x": _along(scored.score, axis),
        "high_x": _along(scored.high, axis),
        "pass_x": _along(pass_score, axis),
        "beyond": not axis[0] <= scored.score <= axis[1],
    }


@register.inclusion_tag("components/axis.html")
def axis(ends: tuple[float, float]) -> dict[str, Any]:
    """The numbers along the axis of a board, three to five of them."""
    step = _nice_step(ends[1] - ends[0])
    first = math.ceil(ends[0] / step)
    ticks = [index * step for index in range(first, math.floor(ends[1] / step) + 1)]
    decimals = max(0, -math.floor(math.log10(step)))
    return {"ticks": [{"x": _along(tick, ends), "text": f"{tick:.{decimals}f}"} for tick in ticks]}


def _nice_step(length: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides `length` into five parts or fewer."""
    power = 10.0 ** math.floor(math.log10(length / 5))
    return next(power * factor for factor in (1, 2, 5, 10) if length / (power * factor) <= 5)


def _along(value: float, ends: tuple[float, float]) -> str:
    """Where `value` is between the ends, in percent."""
    fraction = (value - ends[0]) / ((ends[1] - ends[0]) or 1.0)
    return f"{100 * min(1.0, max(0.0, fraction)):.2f}"
