"""What the control room shows beyond challenges and workers."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncHour
from django.shortcuts import get_object_or_404

from heldout import heartbeat
from heldout.applications.queries import waiting
from heldout.coaching.models import HelpCall
from heldout.coaching.queries import Cell, quiet_teams
from heldout.events.models import Event
from heldout.submissions.dispatching import alive_workers
from heldout.submissions.intervention_models import Disqualification, Extension, Grant, Pause
from heldout.submissions.models import Attempt, Rescoring, Submission, SubmissionState, Worker

HOURS = 24
LATEST = timedelta(days=3)


@dataclass(frozen=True)
class Failure:
    """How often something went wrong on a challenge, and the last time that it did."""

    challenge: str
    title: str
    count: int
    last: Submission


@dataclass(frozen=True)
class Hour:
    """What was handed in within an hour. `share` is of the busiest hour, from 0 to 100."""

    begins: datetime
    count: int
    share: int


@dataclass(frozen=True)
class AtWork:
    """A worker that is alive, and what it runs."""

    worker: Worker
    submission: Submission | None


@dataclass(frozen=True)
class Interventions:
    """What organizers have changed by hand and can undo."""

    pauses: list[Pause]
    grants: list[Grant]
    extensions: list[Extension]
    disqualified: list[Disqualification]

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return bool(self.pauses or self.grants or self.extensions or self.disqualified)


@dataclass(frozen=True)
class Pulse:
    """How an event goes, beyond its challenges."""

    failures: list[Failure]
    hours: list[Hour]
    at_work: list[AtWork]
    quiet: list[Cell]
    """Where teams make no progress."""
    raised_hands: int
    applications: int
    interventions: int
    clock_age: float | None
    """How many seconds ago the site's own worker and its clock ran; None if nobody can say."""

    @property
    def clock_runs(self) -> bool:
        """Whether they do."""
        return heartbeat.runs(self.clock_age)


def pulse(event: Event, now: datetime) -> Pulse:
    """How the event goes at `now`, in a constant number of queries."""
    in_force = interventions(event)
    return Pulse(
        failures=failures(event, now),
        hours=per_hour(event, now),
        at_work=at_work(now),
        quiet=quiet_teams(event, now),
        raised_hands=raised_hands(event),
        applications=waiting(event),
        interventions=sum(len(rows) for rows in vars(in_force).values()),
        clock_age=heartbeat.age(),
    )


def failures(event: Event, now: datetime) -> list[Failure]:
    """Rejections and failures of the last days by challenge and verdict, the most frequent first."""
    bad = Submission.objects.filter(
        challenge__event=event,
        state__in=(SubmissionState.REJECTED, SubmissionState.FAILED),
        created_at__gt=now - LATEST,
    ).select_related("challenge", "team")
    counts: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], Submission] = {}
    for submission in bad.order_by("created_at"):
        verdict = submission.verdict
        key = (submission.challenge.title, verdict.title if verdict else submission.get_state_display())
        counts[key] += 1
        last[key] = submission
    return [Failure(*key, count, last[key]) for key, count in counts.most_common(12)]


def per_hour(event: Event, now: datetime) -> list[Hour]:
    """Submissions and rehearsals of each of the last hours, the earliest first."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    recent = Submission.objects.filter(challenge__event=event, created_at__gte=first)
    rows = recent.annotate(hour=TruncHour("created_at")).values_list("hour").annotate(count=Count("pk"))
    counts = dict(rows.order_by())
    most = max(counts.values(), default=0)
    hours = (first + timedelta(hours=number) for number in range(HOURS))
    return [
        Hour(hour, found := counts.get(hour, 0), round(100 * found / most) if most else 0) for hour in hours
    ]


def at_work(now: datetime) -> list[AtWork]:
    """The workers that are alive, with what each runs."""
    workers = list(alive_workers(now).order_by("name"))
    running = [worker.running for worker in workers if worker.running]
    attempts = Attempt.objects.filter(pk__in=running).select_related(
        "submission__team", "submission__challenge"
    )
    by_attempt = {attempt.pk: attempt.submission for attempt in attempts}
    return [AtWork(worker, by_attempt.get(worker.running) if worker.running else None) for worker in workers]


def raised_hands(event: Event) -> int:
    """Calls for help that nobody has closed."""
    return HelpCall.objects.filter(team__event=event, closed_at=None).count()


def interventions(event: Event) -> Interventions:
    """Everything that organizers have changed by hand in the event."""
    related = ("challenge", "team", "by")
    return Interventions(
        list(Pause.objects.filter(event=event).select_related("challenge", "by")),
        list(Grant.objects.filter(challenge__event=event).select_related(*related)),
        list(Extension.objects.filter(challenge__event=event).select_related(*related)),
        list(disqualifications(event)),
    )


def disqualifications(event: Event) -> "QuerySet[Disqualification]":
    """Submissions and teams of the event that count on no board."""
    of_event = Q(submission__challenge__event=event) | Q(team__event=event)
    related = ("submission__team", "submission__challenge", "team", "by")
    return Disqualification.objects.filter(of_event).select_related(*related)


def may_be_disqualified(event: Event) -> "QuerySet[Submission]":
    """Submissions of the event that a board may count: rehearsals never do."""
    found = Submission.objects.filter(challenge__event=event, rehearsal=False)
    return found.select_related("team", "challenge")


def rescorings(event: Event) -> "QuerySet[Rescoring]":
    """What was scored anew in the event, the latest first."""
    related = ("challenge__event", "team", "submission__team", "submission__challenge", "by")
    bundles = ("preparation__bundle", "previous__bundle")
    return Rescoring.objects.filter(challenge__event=event).select_related(*related, *bundles)


def rescoring_of(event: Event, number: int) -> Rescoring:
    """One of them. Raises Http404."""
    return get_object_or_404(rescorings(event), pk=number)
