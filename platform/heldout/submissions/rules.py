"""Pure questions about submissions: may this team submit now, who sees what, who is served next."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, Sum

from challenges.manifest import GIVEN_SPLITS, HIDDEN_SPLITS, Split
from heldout.accounts.models import User
from heldout.catalog.admissions import refuse_unless_admitted
from heldout.catalog.criteria import passes
from heldout.catalog.models import Challenge
from heldout.catalog.queries import latest_preparation
from heldout.catalog.rules import ChallengeState, closing_time, is_opened, state_of
from heldout.events.models import Event, RoleName
from heldout.events.rules import Refusal, Viewer, is_organizer, role_of
from heldout.submissions.intervention_models import Extension, Grant, Pause, PauseScope
from heldout.submissions.models import OPEN_STATES, Submission, SubmissionState
from heldout.teams.models import Team
from heldout.teams.rules import is_member, may_see_team
from scoring.job import CPU_QUEUE, GPU_QUEUE

__all__ = [
    "Refusal",
    "TeamLoad",
    "Tries",
    "next_team",
    "passes",
    "splits_for",
    "tries_left",
    "visible_splits",
]

FLOOD_LIMIT = 60
FLOOD_WINDOW = timedelta(hours=1)
RUNNING_PER_TEAM = 2
"""How many of a team's submissions are scored at once while other teams wait."""
SERVED_WINDOW = timedelta(hours=1)
"""How far back the dispatcher looks when it asks which team was served least."""
REHEARSAL_PATIENCE = timedelta(minutes=2)
"""How long a rehearsal lets submissions go first. Past it, it waits its turn like one of them."""
FEWEST_DIGITS, MOST_DIGITS = 2, 5


@dataclass(frozen=True)
class Tries:
    """How many submissions a team has left today, and when the next day begins."""

    left: int
    per_day: int
    resets_at: datetime


def day_of(moment: datetime, time_zone: str) -> tuple[datetime, datetime]:
    """The calendar day around `moment` in the event's time zone: its first moment and the next day's."""
    zone = ZoneInfo(time_zone)
    date = moment.astimezone(zone).date()
    return (
        datetime.combine(date, time.min, zone),
        datetime.combine(date + timedelta(days=1), time.min, zone),
    )


def tries_left(team: Team, challenge: Challenge, now: datetime) -> Tries:
    """Count what was handed in today: scored ones, and unfinished ones, which may yet be scored.

    Rejected, failed and cancelled ones cost nothing. Hold the team's row while acting on the answer.
    """
    _, ends = day_of(now, challenge.event.time_zone)
    spent = _spent_today(challenge, now).filter(team=team).count()
    per_day = challenge.bundle.manifest.quota_per_day + _granted_today(team, challenge, now)
    return Tries(left=max(0, per_day - spent), per_day=per_day, resets_at=ends)


def _granted_today(team: Team, challenge: Challenge, now: datetime) -> int:
    begins, ends = day_of(now, challenge.event.time_zone)
    today = Grant.objects.filter(team=team, challenge=challenge, at__gte=begins, at__lt=ends)
    return today.aggregate(tries=Sum("tries"))["tries"] or 0


def _spent_today(challenge: Challenge, now: datetime) -> "QuerySet[Submission]":
    """Today's submissions to a challenge that cost a try. A rehearsal never does."""
    begins, ends = day_of(now, challenge.event.time_zone)
    costly = Submission.objects.filter(rehearsal=False, state__in=(SubmissionState.SCORED, *OPEN_STATES))
    return costly.filter(challenge=challenge, created_at__gte=begins, created_at__lt=ends)


def closes_for(team: Team | None, challenge: Challenge) -> datetime:
    """When the challenge takes no more submissions of the team: an organizer may have given it longer."""
    given = Extension.objects.filter(team=team, challenge=challenge).first() if team else None
    return max(given.until, closing_time(challenge)) if given else closing_time(challenge)


def state_for(team: Team | None, challenge: Challenge, now: datetime) -> ChallengeState:
    """Where the challenge is on its way, for the team."""
    state = state_of(challenge, latest_preparation(challenge), now)
    return "open" if state == "closed" and now < closes_for(team, challenge) else state


def pauses_of(challenge: Challenge) -> "QuerySet[Pause]":
    """What stands still on the challenge, by a pause of its own or of the whole event."""
    here = Q(challenge=challenge) | Q(challenge=None)
    return Pause.objects.filter(here, event=challenge.event_id)


def refuse_paused(challenge: Challenge) -> None:
    """Refusal while the organizers have paused handing in."""
    found = pauses_of(challenge).filter(scope=PauseScope.HAND_IN).first()
    if found is not None:
        raise Refusal("Handing in is paused.", f"{found.reason} Rehearsals still run; try again in a while.")


def refuse_unless_open(team: Team, challenge: Challenge, now: datetime) -> None:
    """Refusal when the challenge takes no submissions of the team now."""
    if not is_opened(challenge, now):
        raise Refusal("This challenge has not opened.", "You can submit as soon as the organizers open it.")
    if now >= (closes_at := closes_for(team, challenge)):
        when = closes_at.astimezone(ZoneInfo(challenge.event.time_zone))
        raise Refusal("This challenge has closed.", f"It closed on {when:%A at %H:%M}. The board stays open.")


def refuse_unless_member(user: Viewer, team: Team, challenge: Challenge) -> None:
    """Refusal when `user` may not hand in for `team`."""
    if team.event_id != challenge.event_id or not is_member(user, team):
        raise Refusal("You are not in this team.", "Only members of a team hand in for it. Join one first.")


def refuse_without_tries(team: Team, challenge: Challenge, now: datetime) -> None:
    """Refusal when today's tries are used up."""
    tries = tries_left(team, challenge, now)
    if tries.left == 0:
        raise Refusal(
            "No tries left today.",
            f"Your team has used its {tries.per_day} tries. New ones come on "
            f"{tries.resets_at:%A at %H:%M} ({challenge.event.time_zone}).",
        )


def refuse_flood(team: Team, now: datetime) -> None:
    """Refusal when too much that costs no try came within an hour: rehearsals, and what was not scored."""
    recent = Submission.objects.filter(team=team, created_at__gt=now - FLOOD_WINDOW)
    free = Q(rehearsal=True) | ~Q(state=SubmissionState.SCORED)
    if recent.filter(free).exclude(state=SubmissionState.FAILED).count() >= FLOOD_LIMIT:
        raise Refusal(
            "That was a lot within an hour.",
            f"Your team handed in {FLOOD_LIMIT} files that cost no try. Wait a little, "
            "and try the next one at home with `python -m scoring` before you send it.",
        )


def refuse_changed_team(author: User, team: Team, challenge: Challenge, now: datetime) -> None:
    """Refusal when `author` has used a day's tries already, some for another team: a new team brings no
    new ones. Within one team its own tries are used up before a member's are."""
    spent = _spent_today(challenge, now).filter(author=author)
    if spent.count() < challenge.bundle.manifest.quota_per_day or not spent.exclude(team=team).exists():
        return
    raise Refusal(
        "You have used your tries today, some for another team.",
        "Somebody else of your team can hand in, or you can tomorrow.",
    )


def refuse_hand_in(
    author: User, team: Team, challenge: Challenge, now: datetime, *, rehearsal: bool = False
) -> None:
    """Refusal when nothing that `author` sends for the team could be taken now.

    A rehearsal needs no try. Ask it before a file is stored, and again with the team's row locked.
    """
    refuse_unless_open(team, challenge, now)
    refuse_unless_admitted(team, challenge)
    if not rehearsal:
        refuse_paused(challenge)
        refuse_without_tries(team, challenge, now)
        refuse_changed_team(author, team, challenge, now)
    refuse_flood(team, now)


def refuse_too_large(size: int, limit_mb: int) -> None:
    """Refusal when a file is larger than the challenge takes."""
    if size > limit_mb * 2**20:
        raise Refusal(
            "The file is too large.",
            f"This challenge takes up to {limit_mb} MB. Save it with fewer or smaller weights and try again.",
        )


def may_see(user: Viewer, submission: Submission) -> bool:
    """Whether `user` may know of the submission: the team, its coach, the organizers."""
    return may_see_team(user, submission.team)


def may_cancel(user: User, submission: Submission) -> bool:
    """Whether `user` may take the submission back: the team's members and the organizers."""
    return is_member(user, submission.team) or is_organizer(user, submission.team.event)


def may_submit_rehearsed(submission: Submission) -> bool:
    """Whether it is a rehearsal that went well, whose file may be handed in for real."""
    return submission.rehearsal and submission.state == SubmissionState.SCORED


def visible_splits(role: RoleName | None) -> frozenset[Split]:
    """Of which splits somebody may see scores, on pages, in the API and in live messages alike.

    The private split decides the final ranks, so until then it is for organizers alone.
    """
    if role is None:
        return frozenset()
    if role == RoleName.ORGANIZER:
        return frozenset((*GIVEN_SPLITS, *HIDDEN_SPLITS))
    return frozenset((*GIVEN_SPLITS, "public"))


def splits_for(viewer: Viewer, event: Event) -> frozenset[Split]:
    """Of which splits this viewer may see scores in `event`."""
    return visible_splits(RoleName.ORGANIZER if is_organizer(viewer, event) else role_of(viewer, event))


def digits(low: float, high: float) -> int:
    """How many decimals of a score its interval supports.

    The last digit shown is that of the first significant digit of the interval's half width: with
    0.8731 in 0.852 to 0.894 the half width is 0.021, so 0.87; with 12.34 in 11.9 to 12.8 it is 0.45,
    so 12.3. At least 2 decimals up to 1, and none are needed above it. At most 5, or as many as
    show two digits of a score that is smaller still.
    """
    half, largest = (high - low) / 2, max(abs(low), abs(high))
    if not math.isfinite(half) or half <= 0:
        return MOST_DIGITS - 1
    fewest = FEWEST_DIGITS if largest <= 1 else 0
    most = max(MOST_DIGITS, 1 - math.floor(math.log10(largest)))
    return min(most, max(fewest, -math.floor(math.log10(half))))


def score_text(
    value: float, low: float, high: float, pass_score: float, *, higher_is_better: bool = True
) -> str:
    """A score with the decimals that its interval supports.

    More are shown only where rounding would put it on the other side of the pass line, as 0.6996
    shown as 0.70 beside a line at 0.70.
    """

    def passing(shown: float) -> bool:
        return passes(shown, pass_score, higher_is_better=higher_is_better)

    decimals = digits(low, high)
    while decimals < MOST_DIGITS and passing(round(value, decimals)) != passing(value):
        decimals += 1
    return f"{value:.{decimals}f}"


@dataclass(frozen=True)
class TeamLoad:
    """What the dispatcher knows of a team that has attempts waiting."""

    team: int
    oldest: datetime
    """When its oldest waiting attempt was made."""
    served: int
    """Its attempts that were started in the recent past."""
    live: int
    """Its attempts that are with workers now."""


def next_team(waiting: Iterable[TeamLoad]) -> int | None:
    """Whose turn it is: a team with fewer than two at work, served least of late, waiting longest.

    A team that already has two at work is served only when nobody else waits.
    """
    chosen = min(
        waiting, key=lambda load: (load.live >= RUNNING_PER_TEAM, load.served, load.oldest), default=None
    )
    return chosen.team if chosen else None


def queue_for(accelerator: str, *, gpu_alive: bool) -> str:
    """The broker's queue for a run: a GPU's where one is required, or preferred and there."""
    on_gpu = accelerator == "required" or (accelerator == "preferred" and gpu_alive)
    return GPU_QUEUE if on_gpu else CPU_QUEUE


def capacity(alive_workers: int) -> int:
    """How many scoring attempts may be with the broker at once: one a worker, and one that waits ready.

    What is not with the broker can still be put in a fairer order.
    """
    return max(1, alive_workers + 1)


def expected_order(
    waiting: Mapping[int, Sequence[datetime]], served: Mapping[int, int]
) -> list[tuple[int, int]]:
    """In which order waiting attempts will be served if nothing else comes: (team, index within team)."""
    taken = dict.fromkeys(waiting, 0)
    order: list[tuple[int, int]] = []
    for _ in range(sum(map(len, waiting.values()))):
        loads = [
            TeamLoad(team, times[taken[team]], served.get(team, 0) + taken[team], 0)
            for team, times in waiting.items()
            if taken[team] < len(times)
        ]
        team = min(loads, key=lambda load: (load.served, load.oldest)).team
        order.append((team, taken[team]))
        taken[team] += 1
    return order
