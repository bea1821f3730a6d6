"""The event that is played: its people, teams and challenges, made through the actions that pages call."""

import secrets
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.test import Client
from django.utils import timezone

import challenges
from heldout import blobs
from heldout.accounts import tokens
from heldout.accounts.actions import create_account
from heldout.accounts.models import Scope, User
from heldout.catalog import actions as catalog
from heldout.catalog.models import Challenge, PreparationState
from heldout.catalog.queries import latest_preparation
from heldout.catalog.rules import why_not_ready
from heldout.events import actions as events
from heldout.events.models import Event, RoleName
from heldout.rehearsal.sizes import Sizes
from heldout.teams import actions as teams

BUNDLE = Path(challenges.__path__[0]) / "rehearsal" / "two-winds"
SLUG = "rehearsed"
INVITED_AT_ONCE = 200
"""As many as may be invited by one form."""
PREPARATION_SECONDS = 600
EVENT_DAYS = 5
"""Three are played; clocks may jump over the end."""
SIGN_IN = "allauth.account.auth_backends.AuthenticationBackend"


class StageFailed(Exception):
    """The event could not be made; the text says why."""


@dataclass(frozen=True)
class Person:
    """A participant, by what their program and their browser send."""

    number: int
    team: int
    """The team's number, not its row."""
    token: str
    cookie: str


@dataclass(frozen=True)
class Stage:
    """Where the crowd plays."""

    event: str
    challenges: list[str]
    people: list[Person]
    given: dict[str, Path]
    """For each challenge what a team downloads."""

    def team(self, number: int) -> list[Person]:
        """The members of a team."""
        return [person for person in self.people if person.team == number]


def build(sizes: Sizes, folder: Path, tell: Callable[[str], None]) -> Stage:
    """Make the event. Raises `StageFailed`."""
    organizer = create_account("organizer@rehearsal.example", "Rehearsal's organizer")
    now = timezone.now()
    event = events.create_event(
        actor=organizer,
        name="The rehearsal",
        slug=SLUG,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(days=EVENT_DAYS),
        team_size_limit=-(-sizes.participants // sizes.teams),
    )
    tell(f"{sizes.participants} people are invited and become {sizes.teams} teams")
    users = invited(event, organizer, sizes.participants)
    gather(event, users, sizes.teams)
    tell(f"{sizes.challenges} challenges are prepared and self-tested")
    found = [add_challenge(event, organizer, number, folder) for number in range(sizes.challenges)]
    prepare(found, organizer)
    people = [arrive(number, user, sizes) for number, user in enumerate(users)]
    given = {challenge.slug: unpack_given(challenge, folder) for challenge in found}
    return Stage(SLUG, [challenge.slug for challenge in found], people, given)


def invited(event: Event, organizer: User, count: int) -> list[User]:
    """So many participants, invited as an organizer would and in as many forms as it takes."""
    addresses = [f"p{number:04}@rehearsal.example" for number in range(count)]
    letters = []
    for some in portions(addresses, INVITED_AT_ONCE):
        letters += events.invite_all(event, "\n".join(some), RoleName.PARTICIPANT, organizer)
    found = []
    for letter in letters:
        role = events.accept_as_new(letter.token, name_of(letter.invitation.email))
        found.append(role.user)
    return found


def portions(addresses: Iterable[str], size: int) -> Iterable[list[str]]:
    """The addresses, at most so many at once."""
    kept = list(addresses)
    return (kept[start : start + size] for start in range(0, len(kept), size))


def name_of(address: str) -> str:
    """A person's name, by their address."""
    return f"Person {address.removeprefix('p')[:4]}"


def gather(event: Event, users: list[User], count: int) -> None:
    """Teams of about the same size: each founded by one, then joined by the others."""
    founded = [teams.create_team(event, users[number], f"Team {number:03}") for number in range(count)]
    for number, user in enumerate(users[count:], start=count):
        teams.join_team(event, user, founded[number % count].join_code)


def arrive(number: int, user: User, sizes: Sizes) -> Person:
    """A participant with a token for their program and a session in their browser."""
    _, secret = tokens.make(user, "rehearsal", [Scope.READ, Scope.SUBMIT], EVENT_DAYS + 1)
    cookie = ""
    if number < sizes.watchers:
        client = Client()
        client.force_login(user, backend=SIGN_IN)
        cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    return Person(number, number % sizes.teams, secret, cookie)


def add_challenge(event: Event, organizer: User, number: int, folder: Path) -> Challenge:
    """The bundle under another name, with other data."""
    slug = f"two-winds-{number + 1}"
    copy = folder / "bundles" / slug
    shutil.copytree(BUNDLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = copy / "challenge.toml"
    text = manifest.read_text()
    text = text.replace('slug = "two-winds"', f'slug = "{slug}"')
    text = text.replace('title = "Two winds"', f'title = "Two winds, harbour {number + 1}"')
    manifest.write_text(text.replace("seed = 8\n", f"seed = {8 + number}\n"))
    version = catalog.register_bundle(copy, organizer)
    return catalog.add_challenge(event, version, number + 1, 100, organizer)


def prepare(found: list[Challenge], organizer: User) -> None:
    """Have a worker prepare the challenges, and open them. Raises `StageFailed`."""
    asked = [catalog.prepare(challenge, organizer) for challenge in found]
    until = time.monotonic() + PREPARATION_SECONDS
    while any(made.state == PreparationState.QUEUED for made in asked):
        if time.monotonic() > until:
            raise StageFailed(f"the challenges are not prepared after {PREPARATION_SECONDS} s")
        time.sleep(0.5)
        for made in asked:
            made.refresh_from_db(fields=["state"])
    for challenge in found:
        challenge.refresh_from_db()
        if why := why_not_ready(latest_preparation(challenge)):
            raise StageFailed(f"{challenge} did not pass its self-test: {why}")
        catalog.open_challenge(challenge, organizer)


def unpack_given(challenge: Challenge, folder: Path) -> Path:
    """What teams download, unpacked."""
    challenge.refresh_from_db()
    assert challenge.preparation  # noqa: S101 - it was opened with one
    target = folder / "given" / challenge.slug
    with zipfile.ZipFile(blobs.path(challenge.preparation.given)) as archive:
        archive.extractall(target)
    return target / "given"


def make_files(stage: Stage, sizes: Sizes, folder: Path) -> dict[str, Path]:
    """For each challenge a folder with what its crowd hands in. Raises `StageFailed`."""
    made = {}
    share = -(-sizes.submissions // len(stage.challenges))
    for number, slug in enumerate(stage.challenges):
        out = folder / "files" / slug
        command = [sys.executable, str(BUNDLE / "make_files.py"), "--data", str(stage.given[slug])]
        options = ["--out", str(out), "--predictions", str(share), "--seed", str(sizes.seed + number)]
        torch = ["--torch"] if sizes.torch else []
        done = subprocess.run(  # noqa: S603 - a script of our own
            [*command, *options, *torch], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StageFailed(f"make_files.py failed:\n{done.stderr.strip()[-2000:]}")
        made[slug] = out
    return made


def new_tag() -> str:
    """What marks one hand-in, in its note."""
    return f"rehearsal-{secrets.token_hex(8)}"
