"""Sizes, moments and foreign text for a person to read."""

from datetime import datetime

UNITS = ("bytes", "kB", "MB", "GB")


def size(count: int) -> str:
    """A number of bytes, in units of 1,024 as the site's limits are."""
    value, unit = float(count), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if unit == 0 or value >= 100 else f"{value:.1f} {UNITS[unit]}"


def scores(*values: float) -> list[str]:
    """Scores that stand beside each other, all with as many decimals as the longest of them."""
    decimals = max(len(f"{value!r}".partition(".")[2]) if value % 1 else 0 for value in values)
    return [f"{value:.{decimals}f}" for value in values]


def moment(told: str | None) -> str:
    """A moment as the site tells it, in this machine's time; empty where it tells none."""
    if not told:
        return ""
    return f"{datetime.fromisoformat(told).astimezone():%d %b %Y, %H:%M}"


def plain(text: str) -> str:
    """Foreign text without what would move the cursor or change the colours of a terminal."""
    return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in text)
