"""What the demo event is about: its people, its teams, its agenda, and what each of them hands in."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import time

from heldout.catalog.models import GateKind
from heldout.events.models import RoleName

EVENT_SLUG = "gear-and-trail"
EVENT_NAME = "Gear & Trail OpenHack"
TAGLINE = "Three days, two trails of data, and models that must hold up on what they have never seen."
VENUE = "Harbour Shed 4"
TIME_ZONE = "Europe/Amsterdam"


@dataclass(frozen=True)
class Way:
    """What opens a challenge for a team: a time of the event, or something of an earlier bundle."""

    kind: GateKind
    after: str = ""
    score: float | None = None
    day: int = 1
    clock: time = time(9)


@dataclass(frozen=True)
class Planned:
    """A bundle of the demo, in the order of the event. Without `ways` it is open to every team at once."""

    bundle: str
    points: int = 100
    ways: tuple[Way, ...] = ()


def after(bundle: str, *, day: int, clock: time = time(9)) -> tuple[Way, ...]:
    """The usual ways into a challenge: an earlier one passed or signed off, at the latest a time for all."""
    return (
        Way(GateKind.PASSED, bundle),
        Way(GateKind.SIGNED_OFF, bundle),
        Way(GateKind.TIME, day=day, clock=clock),
    )


CHALLENGES = (
    Planned("gearing-up", points=50),
    Planned("first-steps", ways=after("gearing-up", day=1, clock=time(10))),
    Planned("numbers-too", ways=after("first-steps", day=1, clock=time(12))),
    Planned("into-the-deep", points=150, ways=after("first-steps", day=1, clock=time(13))),
    Planned("the-right-data", ways=after("first-steps", day=1, clock=time(14))),
    Planned("where-is-it", points=150, ways=after("into-the-deep", day=1, clock=time(16))),
    Planned("which-pixels", points=150, ways=after("where-is-it", day=3)),
    Planned("what-is-like-it", points=150, ways=after("which-pixels", day=3, clock=time(11))),
)
"""Another bundle is one more line here."""


def challenges(only: Collection[str] = ()) -> list[Planned]:
    """The challenges of the demo, or `only` these; none waits for one that is left out."""
    names = {planned.bundle for planned in CHALLENGES if not only or planned.bundle in only}
    return [
        replace(planned, ways=tuple(way for way in planned.ways if not way.after or way.after in names))
        for planned in CHALLENGES
        if planned.bundle in names
    ]


@dataclass(frozen=True)
class Person:
    """Somebody of the demo event. Those with `shown` are printed as log-ins."""

    name: str
    email: str
    role: RoleName
    team: str = ""
    shown: bool = False


PEOPLE = (
    Person("Ines Vidal", "organizer@demo.example", RoleName.ORGANIZER, shown=True),
    Person("Tomas Berg", "coach@demo.example", RoleName.COACH, shown=True),
    Person("Ana Ruiz", "ana@demo.example", RoleName.PARTICIPANT, "Cairn", shown=True),
    Person("Ben Okafor", "ben@demo.example", RoleName.PARTICIPANT, "Ridge Runners", shown=True),
    Person("Mei Tanaka", "mei@demo.example", RoleName.PARTICIPANT, "Cairn"),
    Person("Lars Holm", "lars@demo.example", RoleName.PARTICIPANT, "Ridge Runners"),
    Person("Zoe Martin", "zoe@demo.example", RoleName.PARTICIPANT, "Blue Tarp"),
    Person("Omar Haddad", "omar@demo.example", RoleName.PARTICIPANT, "Hut 23"),
)
COACHED = ("Cairn", "Ridge Runners")


@dataclass(frozen=True)
class Entry:
    """A submission of the demo: a bundle's script, really run on what the event gave to its teams."""

    team: str
    bundle: str
    script: str
    note: str
    options: tuple[str, ...] = ()
    needs_sandbox: bool = True


ENTRIES = (
    Entry("Hut 23", "gearing-up", "baseline_weak.py", "Everything taken for red, green, blue"),
    Entry("Ridge Runners", "gearing-up", "baseline_strong.py", "Pillow, and a look at the order of channels"),
    Entry("Cairn", "gearing-up", "baseline_strong.py", "Padded, never stretched"),
    Entry("Cairn", "first-steps", "baseline_weak.py", "Edges and a support vector machine, as a start"),
    Entry("Blue Tarp", "first-steps", "baseline_strong.py", "First network: two passes", ("--epochs", "2")),
    Entry("Ridge Runners", "first-steps", "baseline_strong.py", "Five passes", ("--epochs", "5")),
    Entry("Hut 23", "numbers-too", "baseline_predictions.py", "Predictions by hand", needs_sandbox=False),
    Entry("Cairn", "numbers-too", "baseline_weak.py", "Plain logistic regression"),
    Entry("Ridge Runners", "numbers-too", "baseline_strong.py", "Something stronger"),
    Entry("Blue Tarp", "into-the-deep", "baseline_weak.py", "Two passes at 32 pixels", ("--epochs", "2")),
    Entry(
        "Ridge Runners", "into-the-deep", "baseline_weak.py", "Four passes at 32 pixels", ("--epochs", "4")
    ),
    Entry("Hut 23", "the-right-data", "baseline_weak.py", "The data as it is"),
    Entry("Cairn", "the-right-data", "baseline_strong.py", "What a model would rather call otherwise"),
    Entry("Ridge Runners", "where-is-it", "baseline_weak.py", "Edges, as a start"),
)


@dataclass(frozen=True)
class Item:
    """A session of the demo's agenda, on a day of the event that counts from 1."""

    day: int
    starts: time
    ends: time
    title: str
    room: str = "Main hall"
    speaker: str = ""
    abstract: str = ""
    slides: str = ""
    seats: int | None = None
    """Of a session that is open to anybody who registers."""


AGENDA = (
    Item(1, time(9), time(9, 45), "Welcome, teams and rules", speaker="Ines Vidal"),
    Item(1, time(9, 45), time(12, 30), "First steps", "At the tables"),
    Item(1, time(12, 30), time(13, 30), "Lunch", "Canteen"),
    Item(
        1, time(13, 30), time(14), "Tables are data too", speaker="Tomas Berg",
        abstract="Missing values, odd columns, and why the boring model is a good first one.",
    ),
    Item(1, time(14), time(17, 30), "Numbers too", "At the tables"),
    Item(
        1, time(18, 30), time(20, 30), "Community evening: what a test set owes you",
        "Upper deck", "Dr. Hanna Voss",
        "A talk for everybody who has ever trusted a score. Where test sets leak, why the third digit is "
        "mostly luck, and how to keep a held-out set held out for years. With soup, and time for questions.",
        seats=60,
    ),
    Item(2, time(9), time(9, 15), "Stand-up of the coaches", "Harbour room"),
    Item(2, time(9, 15), time(12, 30), "Deeper: from features to networks", "At the tables"),
    Item(
        2, time(12, 30), time(13, 30), "Lunch, and an hour with an expert", "Canteen",
        abstract="Bring a problem of your own. First come, first served.",
    ),
    Item(2, time(13, 30), time(17, 30), "Where is it? Which pixels?", "At the tables"),
    Item(3, time(9), time(12), "Last tries", "At the tables"),
    Item(3, time(12), time(13), "Freeze, lunch", "Canteen"),
    Item(
        3, time(15), time(16, 30), "Reveal, with open doors", speaker="Ines Vidal",
        abstract="The private board, step by step, and what the teams have learned. Friends are welcome.",
        seats=80,
    ),
)  # fmt: skip
GUESTS = (
    ("Grace Mensah", "grace@guests.example"),
    ("Paul Lindqvist", "paul@guests.example"),
    ("Nadia Rahman", "nadia@guests.example"),
)
"""They have registered for the reveal."""

SIGNED_OFF = (("Ridge Runners", "first-steps", "Explained the confusion matrix well"),)
"""What the coach has signed off: team, bundle, note."""

RAISED = (("Cairn", "numbers-too", "Our model says the same class for every row. Where do we look first?"),)
"""Whose hand is up: team, bundle, words."""
