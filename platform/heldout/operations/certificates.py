"""Certificates: a page of PDF for each member. They say what was learned, and not who was first."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from heldout.catalog.models import Attainment
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.teams.models import Team

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
INK, MUTED, ACCENT = (27, 28, 31), (102, 102, 95), (11, 107, 87)


@dataclass(frozen=True)
class Certificate:
    """What a certificate says."""

    name: str
    event: str
    team: str
    begins: date
    ends: date
    venue: str
    passed: list[str]


def certificate_of(name: str, team: Team) -> Certificate:
    """The certificate of somebody called `name`. Refusal for letters that its font does not have."""
    if strange := sorted({letter for letter in name if ord(letter) not in letters()}):
        raise Refusal(
            "This certificate cannot be printed.",
            f"Its font has Latin, Greek and Cyrillic letters, and not {' '.join(strange)}. "
            "Write the name in those letters under the account, then try again.",
        )
    event = team.event
    passed = Attainment.objects.filter(team=team, passed_at__isnull=False).select_related("challenge")
    return Certificate(
        name=name,
        event=event.name,
        team=team.name,
        begins=event.starts_at.astimezone(event.zone).date(),
        ends=event.ends_at.astimezone(event.zone).date(),
        venue=event.venue,
        passed=[one.challenge.title for one in passed.order_by("challenge__position")],
    )


@cache
def letters() -> frozenset[int]:
    """The characters that a certificate can show."""
    from fpdf.fonts import TTFFont

    font = _page().fonts["sans"]
    assert isinstance(font, TTFFont)  # noqa: S101 - it was added from a file
    return frozenset(font.cmap)


def pdf(said: Certificate) -> bytes:
    """The certificate as a page of A4, across."""
    page = _page()
    page.set_title(f"{said.event}: {said.name}")
    page.set_margin(26)
    page.set_auto_page_break(auto=False)
    page.add_page()
    page.set_draw_color(*ACCENT)
    page.set_line_width(0.8)
    page.rect(12, 12, page.w - 24, page.h - 24)
    page.set_y(34)
    _line(page, _clean(said.event), 15, MUTED)
    _line(page, said.name, 34, INK, bold=True, room=22)
    _line(page, f"took part in team {_clean(said.team)}", 15, INK, room=12)
    _line(page, _when(said), 12, MUTED, room=14)
    if said.passed:
        _line(page, f"Passed {len(said.passed)} challenge{'s' * (len(said.passed) != 1)}:", 13, INK, room=10)
        for title in said.passed[:10]:
            _line(page, _clean(title), 12, INK, room=7)
    page.set_y(page.h - 30)
    _line(page, "Scored on data that nobody had seen.", 10, MUTED)
    return bytes(page.output())


def _page() -> "FPDF":
    # It loads Pillow and numpy, which a process that prints no certificate does without.
    from fpdf import FPDF

    page = FPDF(orientation="landscape", format="A4")
    page.add_font("sans", "", FONTS / "DejaVuSans.ttf")
    page.add_font("sans", "B", FONTS / "DejaVuSans-Bold.ttf")
    return page


def certificates_of(event: Event) -> list[tuple[Team, str]]:
    """Each member of each team, by team and name."""
    teams = Team.objects.filter(event=event).select_related("event").prefetch_related("memberships__user")
    return [(team, str(membership.user)) for team in teams for membership in team.memberships.all()]


def _when(said: Certificate) -> str:
    days = (
        f"{said.begins:%d %B} to {said.ends:%d %B %Y}"
        if said.begins != said.ends
        else f"{said.ends:%d %B %Y}"
    )
    return _clean(", ".join(filter(None, (days, said.venue))))


def _clean(text: str) -> str:
    """Text without letters that the font does not have; names of events and teams may hold any."""
    return "".join(letter if ord(letter) in letters() else "·" for letter in text)


def _line(
    page: "FPDF", text: str, size: int, colour: tuple[int, int, int], *, bold: bool = False, room: float = 10
) -> None:
    """A line in the middle; one that is too long for the page is set smaller."""
    page.set_text_color(*colour)
    page.set_font("sans", "B" if bold else "", size)
    while page.get_string_width(text) > page.epw and size > 8:
        size -= 1
        page.set_font_size(size)
    page.cell(0, room, text, align="C", new_x="LMARGIN", new_y="NEXT")
