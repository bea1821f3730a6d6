"""Makes the demo event, through the same actions that the pages call. Done twice, it adds nothing."""

import json
import secrets
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from challenges.bundle import built_in
from heldout import blobs
from heldout.accounts.actions import create_account
from heldout.accounts.models import User
from heldout.catalog import actions as catalog
from heldout.catalog.models import Challenge, Preparation, PreparationState
from heldout.catalog.queries import latest_preparation
from heldout.catalog.rules import why_not_ready
from heldout.demo import programme, story
from heldout.demo.story import Entry, Person, Planned
from heldout.events import actions as events
from heldout.events.models import Event, RoleName
from heldout.submissions import actions as submissions
from heldout.submissions.dispatching import alive_workers
from heldout.submissions.models import OPEN_STATES, Submission
from heldout.submissions.uploads import ReceivedFile
from heldout.teams import actions as teams
from heldout.teams.models import Team

POLL_SECONDS = 0.3
WORKER_SECONDS = 120
PREPARATION_SECONDS = 1200
SCORING_SECONDS = 300


class SeedFailed(Exception):
    """The demo event could not be made; the text says why."""


def seed_event(
    console: Console, check: Callable[[], None], greet: Callable[[], None], only: Collection[str] = ()
) -> None:
    """Make what is missing of the demo event, or of `only` these of its challenges.

    `check` raises when a process of the demo has ended. `greet` is called as soon as people can sign in: what
    follows takes minutes the first time.
    """
    challenges = story.challenges(only)
    there = {planned.bundle for planned in challenges}
    with steps(console) as step:
        with step("People, teams and the agenda"):
            event = make_event()
            make_teams(event)
            programme.make_agenda(event)
        greet()
        with step("A scoring worker"):
            wait_until(worker_alive, WORKER_SECONDS, "no scoring worker showed itself", check)
            say_what_is_not_run(console)
        for planned in challenges:
            with step(f"{planned.bundle}: build the splits, train the baselines, self-test"):
                prepare(add_challenge(event, planned), check)
        entries = [entry for entry in story.ENTRIES if entry.bundle in there and can_run(entry)]
        for entry in entries:
            with step(f"{entry.team} trains and submits: {entry.note.lower()}"):
                hand_in(event, entry)
        with step("Every submission is scored"):
            wait_until(nothing_waits, SCORING_SECONDS, "some submissions are still waiting", check)
        with step("The coach signs off, a team raises its hand"):
            programme.coach(event)
    for challenge in event.challenges.filter(opened_at=None):
        why = why_not_ready(latest_preparation(challenge))
        console.print(f"[yellow]{challenge.title} stays closed.[/yellow] {why}")


@contextmanager
def steps(console: Console) -> Iterator[Callable[[str], AbstractContextManager[None]]]:
    """Show each step as a line: with a spinner, then a tick, where there is a terminal."""
    columns = (
        SpinnerColumn(finished_text="[green]✓[/green]"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:

        @contextmanager
        def step(title: str) -> Iterator[None]:
            if not console.is_terminal:
                console.print(title)
            task = progress.add_task(title, total=1, visible=console.is_terminal)
            yield
            progress.update(task, completed=1)

        yield step


def wait_until(done: Callable[[], bool], seconds: float, otherwise: str, check: Callable[[], None]) -> None:
    """Wait until `done()`, not for ever, and not for a process that has ended."""
    until = time.monotonic() + seconds
    while not done():
        check()
        if time.monotonic() > until:
            raise SeedFailed(f"{otherwise} after {seconds:.0f} s; see {settings.VAR / 'logs'}")
        time.sleep(POLL_SECONDS)


def make_event() -> Event:
    """The event on its second day, with its organizer."""
    existing = Event.objects.filter(slug=story.EVENT_SLUG).first()
    if existing:
        return existing
    organizer = account(next(person for person in story.PEOPLE if person.role == RoleName.ORGANIZER))
    organizer.is_staff = organizer.is_superuser = True
    organizer.save()
    today = datetime.combine(timezone.now().date(), datetime.min.time(), ZoneInfo(story.TIME_ZONE))
    return events.create_event(
        actor=organizer,
        name=story.EVENT_NAME,
        slug=story.EVENT_SLUG,
        tagline=story.TAGLINE,
        venue=story.VENUE,
        time_zone=story.TIME_ZONE,
        starts_at=today - timedelta(days=1) + timedelta(hours=9),
        ends_at=today + timedelta(days=1, hours=17),
        team_size_limit=4,
    )


def account(person: Person) -> User:
    """The person's account, made with the password that is printed for them."""
    existing = User.objects.filter(email=person.email).first()
    return existing or create_account(person.email, person.name, passwords()[person.email])


def passwords() -> dict[str, str]:
    """A password for each person, made once and kept beside the database, for the owner alone."""
    kept = settings.VAR / "demo.json"
    if not kept.exists():
        kept.touch(mode=0o600)
        made = {person.email: secrets.token_urlsafe(9) for person in story.PEOPLE}
        kept.write_text(json.dumps(made, indent=2))
    found: dict[str, str] = json.loads(kept.read_text())
    return found


def make_teams(event: Event) -> None:
    """Everybody gets a role, participants a team, two teams a coach."""
    organizer = event.roles.get(name=RoleName.ORGANIZER).user
    for person in story.PEOPLE:
        user = account(person)
        if not event.roles.filter(user=user).exists():
            _, token = events.invite(event, person.email, person.role, organizer)
            events.accept(token, user)
        if person.team and not user.memberships.filter(event=event).exists():
            enter_team(event, user, person.team)
    coach = event.roles.get(name=RoleName.COACH).user
    for team in event.teams.filter(name__in=story.COACHED, coach=None):
        teams.assign_coach(team, coach, organizer)


def enter_team(event: Event, user: User, name: str) -> None:
    """Make the team, or join it by its code."""
    team = Team.objects.filter(event=event, name=name).first()
    if team is None:
        teams.create_team(event, user, name)
    else:
        teams.join_team(event, user, team.join_code)


def add_challenge(event: Event, planned: Planned) -> Challenge:
    """Put a built-in bundle into the event, with what opens it."""
    existing = event.challenges.filter(slug=planned.bundle).first()
    if existing:
        return existing
    folder = next(folder for folder in built_in() if folder.name == planned.bundle)
    version = catalog.register_bundle(folder, None)
    position = event.challenges.count() + 1
    challenge = catalog.add_challenge(event, version, position, planned.points, None)
    programme.add_gates(challenge, planned)
    return challenge


def prepare(challenge: Challenge, check: Callable[[], None]) -> None:
    """Have a worker prepare the challenge, and open it when the self-test is green."""
    if challenge.opened_at:
        return
    latest = latest_preparation(challenge) or catalog.prepare(challenge, None)
    queued = Preparation.objects.filter(pk=latest.pk, state=PreparationState.QUEUED)
    wait_until(lambda: not queued.exists(), PREPARATION_SECONDS, f"{challenge} is not prepared", check)
    if not why_not_ready(latest_preparation(challenge)):
        catalog.open_challenge(challenge, None)


def worker_alive() -> bool:
    """Whether a worker has shown itself since the demo started."""
    return alive_workers(timezone.now()).exists()


def runs_models() -> bool:
    """Whether a worker takes models, which needs one that can enforce the sandbox."""
    return any("onnx" in worker.formats for worker in alive_workers(timezone.now()))


def say_what_is_not_run(console: Console) -> None:
    """A machine without the sandbox scores prediction files alone, and the person should know why."""
    if not runs_models():
        console.print(
            "[yellow]This machine cannot seal models off, so only prediction files are scored here.[/yellow] "
            "`.venv/bin/heldout doctor` says what is missing and how to get it."
        )


def can_run(entry: Entry) -> bool:
    """Whether a worker takes what the entry makes."""
    return runs_models() or not entry.needs_sandbox


def hand_in(event: Event, entry: Entry) -> None:
    """Run the entry's script on what the teams are given, and submit what it makes."""
    challenge = event.challenges.select_related("event", "bundle", "preparation").get(slug=entry.bundle)
    team = event.teams.get(name=entry.team)
    preparation = challenge.preparation
    if preparation is None or Submission.objects.filter(challenge=challenge, team=team).exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        artefact = train(challenge, entry, preparation, Path(folder))
        submissions.submit(
            challenge=challenge,
            team=team,
            author=team.memberships.earliest("joined_at").user,
            upload=store(artefact),
            note=entry.note,
        )


def train(challenge: Challenge, entry: Entry, preparation: Preparation, folder: Path) -> Path:
    """Run one of the bundle's scripts as a participant would; the file that it writes."""
    with zipfile.ZipFile(blobs.path(preparation.given)) as given:
        given.extractall(folder)
    script = next(bundle for bundle in built_in() if bundle.name == challenge.slug) / entry.script
    command = [sys.executable, str(script), "--data", str(folder / "given"), "--out", str(folder / "out")]
    done = subprocess.run(  # noqa: S603 - a script of our own bundle
        [*command, *entry.options], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SeedFailed(f"{script.name} failed:\n{done.stderr.strip()[-2000:]}")
    return next((folder / "out").iterdir())


def store(file: Path) -> ReceivedFile:
    """Put a file into the store."""
    size, digest, incoming = file.stat().st_size, blobs.digest_of(file), blobs.new_incoming()
    incoming.write_bytes(file.read_bytes())
    blobs.keep(incoming, digest)
    return ReceivedFile(digest=digest, size=size, file_name=file.name)


def nothing_waits() -> bool:
    """Whether every submission has come to an end."""
    return not Submission.objects.filter(state__in=OPEN_STATES).exists()
