"""What the demo event is about: its people, its teams, and what each of them hands in."""

from dataclasses import dataclass

from heldout.events.models import RoleName

EVENT_SLUG = "gear-and-trail"
EVENT_NAME = "Gear & Trail OpenHack"
TAGLINE = "Three days, two trails of data, and models that must hold up on what they have never seen."
VENUE = "Harbour Shed 4"
TIME_ZONE = "Europe/Amsterdam"
BUNDLES = ("first-steps", "numbers-too")


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
    Entry("Cairn", "first-steps", "baseline_weak.py", "Edges and a support vector machine, as a start"),
    Entry("Blue Tarp", "first-steps", "baseline_strong.py", "First network: two passes", ("--epochs", "2")),
    Entry("Ridge Runners", "first-steps", "baseline_strong.py", "Five passes", ("--epochs", "5")),
    Entry("Hut 23", "numbers-too", "baseline_predictions.py", "Predictions by hand", needs_sandbox=False),
    Entry("Cairn", "numbers-too", "baseline_weak.py", "Plain logistic regression"),
    Entry("Ridge Runners", "numbers-too", "baseline_strong.py", "Something stronger"),
)
