"""An event in full swing, with somebody in each role, and every page of it."""

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from heldout.accounts.models import User
from heldout.catalog import actions as catalog
from heldout.catalog import gating
from heldout.catalog.models import BundleVersion, Challenge, Gate, GateKind
from heldout.coaching import actions as coaching
from heldout.coaching.models import HelpCall
from heldout.events import agenda
from heldout.events.models import Event, Registration, Session
from heldout.submissions import actions
from heldout.submissions.models import Submission
from heldout.teams.models import Team
from scoring import job, learned
from tests.heldout import factories, handing_in

STATEMENT = f"""## Your task

Export it so:

```python
{"torch.onnx.export(model, example, 'model.onnx'), " * 5}
```

| step | hint |
|---|---|
| {"augment " * 9} | {"flips-are-safe-and-colours-are-not" * 3} |
"""
"""A brief with lines that are wider than a phone."""


LOG = "epoch 1 </pre><script>alert(1)</script>\n" + "loss=0.123456789 " * 40
"""What a hostile model prints, in lines that are wider than a phone."""


@dataclass(frozen=True)
class Scene:
    """Who and what there is. `submissions` are of `team`, by what became of them."""

    event: Event
    people: dict[str, User]
    team: Team
    rivals: Team
    open: Challenge
    locked: Challenge
    closed: Challenge
    submissions: dict[str, Submission]

    def pages(self) -> dict[str, str]:
        """The address of each page of ours that belongs to the event."""
        slug = self.event.slug
        addresses = {
            "event": reverse("event_home", args=[slug]),
            "challenge": reverse("challenge", args=[slug, self.open.slug]),
            "closed challenge": reverse("challenge", args=[slug, self.closed.slug]),
            "locked challenge": reverse("challenge", args=[slug, self.locked.slug]),
            "board": reverse("board", args=[slug, self.open.slug]),
            "locked board": reverse("board", args=[slug, self.locked.slug]),
            "control": reverse("control", args=[slug]),
        }
        for name, submission in self.submissions.items():
            addresses[f"{name} submission"] = reverse("submission", args=[slug, submission.pk])
        return addresses


def make_scene() -> Scene:
    """An event with two teams, three challenges, and submissions in each state."""
    event = factories.make_event("gear-trail", name="Gear & Trail", tagline="Outdoors", venue="A hut")
    coach = factories.make_coach(event)
    team = factories.make_team(event, "Cairn", members=2, coach=coach)
    rivals = factories.make_team(event, "Blue Tarp")
    challenge = handing_in.make_challenge(
        event, slug="into-the-deep", title="Into the deep", quota_per_day=20
    )
    BundleVersion.objects.filter(pk=challenge.bundle_id).update(statement=STATEMENT)
    handing_in.make_baseline(challenge, 0.7)
    handing_in.scored(challenge, rivals, 0.85)
    people = {
        "outsider": factories.make_user(),
        "lone": factories.make_participant(event),
        "participant": handing_in.member_of(team),
        "rival": handing_in.member_of(rivals),
        "coach": coach,
        "organizer": factories.make_organizer(event),
    }
    locked = handing_in.make_challenge(event, slug="the-wild", title="The wild", opened=False)
    closed = handing_in.make_challenge(event, slug="first-steps", title="First steps")
    Challenge.objects.filter(pk=closed.pk).update(closes_at=timezone.now() - timedelta(minutes=1))
    preparing = handing_in.make_challenge(event, slug="from-the-sky", title="From the sky", opened=False)
    _redden(preparing, people["organizer"])
    return Scene(
        event, people, team, rivals, challenge, locked, closed, _submissions(challenge, team, people)
    )


def _submissions(challenge: Challenge, team: Team, people: dict[str, User]) -> dict[str, Submission]:
    hostile = job.Verdict(
        code="crashed",
        found="<script>alert(1)</script>",
        expected="predictions",
        fix="Run it on the validation split first.",
        excerpt="<img src=x onerror=alert(1)>",
    )
    rejected = handing_in.hand_in(challenge, team, note="what if")
    actions.record_passport(handing_in.passport_for(rejected, verdict=hostile))
    cancelled = handing_in.hand_in(challenge, team)
    actions.cancel(cancelled, people["participant"])
    failed = handing_in.inspected(challenge, team)
    Submission.objects.filter(pk=failed.pk).update(
        state="failed", verdict_json=handing_in.verdict("platform_fault").model_dump(mode="json")
    )
    failed.attempts.update(state="done")
    scored = handing_in.scored(challenge, team, 0.9, note="mixup, 30 epochs", insight=handing_in.insight())
    rehearsed = handing_in.rehearsed(challenge, team, 0.88, log_excerpt=LOG)
    running = handing_in.inspected(challenge, team)
    handing_in.put_to_work(running)
    actions.record_progress(handing_in.progress_for(running, fraction=0.62))
    return {
        "rejected": rejected,
        "cancelled": cancelled,
        "failed": failed,
        "scored": scored,
        "rehearsed": rehearsed,
        "running": running,
        "queued": handing_in.inspected(challenge, team),
        "new": handing_in.hand_in(challenge, team),
    }


def _redden(challenge: Challenge, organizer: User) -> None:
    """Let the challenge's self-test fail."""
    checks = [
        job.Check(name="A perfect model scores the maximum", passed=True, found="1.000", expected="1.000"),
        job.Check(name="A random model scores low", passed=False, found="0.97", expected="at most 0.6"),
    ]
    preparation = catalog.prepare(challenge, organizer)
    catalog.record_preparation(
        job.PreparationReport(preparation=preparation.pk, bundle=challenge.bundle.digest, checks=checks)
    )


@dataclass(frozen=True)
class Life:
    """What goes on around the scoring of a scene: coaching, gates, the agenda."""

    scene: Scene
    shown: Challenge
    """With criteria, hints and a guide; the scene's team waits for a sign-off and calls for help."""
    gated: Challenge
    """Open, but to nobody until `shown` is signed off."""
    call: HelpCall
    gate: Gate
    session: Session
    seat: str
    """The token of a registration for the session, which is open."""

    def pages(self) -> dict[str, str]:
        """The address of each page."""
        slug, team = self.scene.event.slug, self.scene.team.pk
        return {
            "cockpit": reverse("cockpit", args=[slug]),
            "coaching": reverse("coaching", args=[slug, team, self.shown.slug]),
            "shown challenge": reverse("challenge", args=[slug, self.shown.slug]),
            "gated challenge": reverse("challenge", args=[slug, self.gated.slug]),
            "gates": reverse("gates", args=[slug, self.gated.slug]),
            "agenda": reverse("agenda", args=[slug]),
            "event board": reverse("points", args=[slug]),
            "new session": reverse("session_new", args=[slug]),
            "session": reverse("session_edit", args=[slug, self.session.pk]),
            "open session": reverse("open_session", args=[self.session.pk]),
            "cancel seat": reverse("cancel_registration", args=[self.seat]),
        }


CRITERIA = [
    {"text": "More right than wrong for each class", "metric": "recall", "each_class": True, "at_least": 0.5},
    {"text": "Train and validation loss plotted and explained to the coach", "evidence": True},
    {"text": "Five photographs of their own, each with its prediction", "evidence": True},
]
HINTS = [
    {"title": "Where to begin", "text": "Look at *twenty* pictures first."},
    {"title": "What usually helps", "text": "Flip them.\n\n- left to right\n- never upside down"},
]


def make_life(scene: Scene) -> Life:
    """Criteria, a raised hand, a gate and an agenda around the event of the scene."""
    event, team, coach = scene.event, scene.team, scene.people["coach"]
    shown = _shown(scene)
    gated = handing_in.make_challenge(event, slug="which-pixels", title="Which pixels?")
    gate = gating.add_gate(gated, GateKind.SIGNED_OFF, None, after=shown)
    gating.add_gate(gated, GateKind.TIME, None, at=timezone.now() + timedelta(days=1))
    call = coaching.raise_hand(shown, team, scene.people["participant"], "Our loss is NaN after one epoch")
    coaching.open_hint(shown, team, "Where to begin", coach)
    return Life(scene, shown, gated, call, gate, *_agenda(event))


def _shown(scene: Scene) -> Challenge:
    made = handing_in.make_challenge(scene.event, slug="show-it", title="Show it", criteria=CRITERIA)
    guide = {"hints_json": HINTS, "coach_guide": "## Solution\n\nA small network is enough.\n"}
    BundleVersion.objects.filter(pk=made.bundle_id).update(**guide)
    challenge = Challenge.objects.select_related("event", "bundle").get(pk=made.pk)
    recall = [learned.ClassScore(name="hat", count=250, scores={"recall": 0.8})]
    handing_in.scored(challenge, scene.team, 0.9, insight=handing_in.insight(hidden={"public": recall}))
    for _ in range(3):
        rejected = handing_in.hand_in(challenge, scene.rivals)
        actions.record_passport(handing_in.passport_for(rejected, verdict=handing_in.verdict()))
    return challenge


def _agenda(event: Event) -> tuple[Session, str]:
    now = timezone.now()
    hour = timedelta(hours=1)
    agenda.add_session(
        event,
        None,
        title="Opening",
        starts_at=now - hour,
        ends_at=now + hour,
        room="Hall",
        speaker="Ines Vidal",
    )
    session = agenda.add_session(
        event, None, title="What a test set owes you", starts_at=now + 6 * hour, ends_at=now + 8 * hour,
        room="Hall", speaker="Ada Lovelace", abstract="Splits, leaks and luck.", is_open=True, capacity=40,
        slides_url="https://example.org/slides",
    )  # fmt: skip
    token = "a-seat-in-the-hall"
    Registration.objects.create(
        session=session, name="Grace", email="grace@example.org", token_digest=agenda.digest(token)
    )
    return session, token
