"""What coaches see of their teams, and teams of their coach's help."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from challenges.hints import Hint
from heldout.accounts.models import User
from heldout.catalog.admissions import admissions_by_team
from heldout.catalog.criteria import Judged, score_is_enough
from heldout.catalog.models import Challenge, Gate, GateKind
from heldout.catalog.rules import Admission, is_opened
from heldout.catalog.showing import Showing, showings_of
from heldout.coaching.models import HelpCall, OpenedHint
from heldout.coaching.rules import Try, last_progress, quietly_stuck
from heldout.events.models import Event
from heldout.events.rules import is_organizer
from heldout.markdown import to_html
from heldout.submissions.models import Score, Submission, SubmissionState
from heldout.submissions.rules import score_text
from heldout.teams.models import Team
from heldout.teams.queries import coached_teams, teams_of
from scoring.job import Verdict

FAILED = (SubmissionState.REJECTED, SubmissionState.FAILED)


@dataclass(frozen=True)
class Cell:
    """Where a team stands on a challenge. `since` is when it last came forward."""

    team: Team
    challenge: Challenge
    admission: Admission
    lines: list[Judged]
    passed_at: datetime | None
    signed: bool
    awaits_sign_off: bool
    best_text: str
    tries: int
    since: datetime | None
    stuck: str
    failure: Verdict | None
    latest: Submission | None
    hints_opened: int
    hints: int

    @property
    def tried_at(self) -> datetime | None:
        """When the team last handed something in."""
        return self.latest.created_at if self.latest else None

    @property
    def met(self) -> int:
        """How many lines of the checklist are met."""
        return sum(line.met for line in self.lines)

    @property
    def to_tick(self) -> list[Judged]:
        """The evidence that a coach has not ticked yet."""
        return [line for line in self.lines if line.evidence and not line.met]


@dataclass(frozen=True)
class TeamLine:
    """A team in the cockpit with all its challenges; `current` is the one that it is at."""

    team: Team
    cells: list[Cell]
    current: Cell | None

    @property
    def passed(self) -> int:
        """How many challenges it has passed."""
        return sum(cell.passed_at is not None for cell in self.cells)


@dataclass(frozen=True)
class Call:
    """A raised hand with its context."""

    call: HelpCall
    cell: Cell | None


@dataclass(frozen=True)
class Cockpit:
    """A coach's page."""

    calls: list[Call]
    sign_offs: list[Cell]
    teams: list[TeamLine]


@dataclass(frozen=True)
class ShownHint:
    """A hint as a coach or its team sees it; `opened` once a coach has opened it for the team."""

    hint: Hint
    html: str
    opened: OpenedHint | None


def cockpit(event: Event, viewer: User, now: datetime) -> Cockpit:
    """The teams that `viewer` may coach, in a number of queries that does not grow with them."""
    teams = list(teams_of(event)) if is_organizer(viewer, event) else coached_teams(viewer, event)
    cells = _cells(event, teams, now)
    lines = [_line(team, [cell for cell in cells if cell.team.pk == team.pk]) for team in teams]
    by_place = {(cell.team.pk, cell.challenge.pk): cell for cell in cells}
    calls = [Call(call, by_place.get((call.team_id, call.challenge_id))) for call in _open_calls(teams)]
    return Cockpit(calls, [cell for cell in cells if cell.awaits_sign_off], lines)


def quiet_teams(event: Event, now: datetime) -> list[Cell]:
    """Where teams of the event are quietly stuck, with why."""
    return [cell for cell in _cells(event, list(teams_of(event)), now) if cell.stuck]


def cell_of(team: Team, challenge: Challenge, now: datetime) -> Cell:
    """Where one team stands on one challenge."""
    return next(c for c in _cells(challenge.event, [team], now) if c.challenge.pk == challenge.pk)


def _open_calls(teams: list[Team]) -> "QuerySet[HelpCall]":
    calls = HelpCall.objects.filter(team__in=teams, closed_at=None)
    return calls.select_related("team", "challenge", "author", "claimed_by")


def _line(team: Team, cells: list[Cell]) -> TeamLine:
    """What a team is at: where it handed in last, else the first that is open and not passed."""
    tried = [cell for cell in cells if cell.latest and cell.passed_at is None]
    newest = max(tried, key=lambda cell: cell.tried_at or cell.challenge.event.created_at, default=None)
    unpassed = (cell for cell in cells if cell.admission.admitted and cell.passed_at is None)
    return TeamLine(team, cells, newest or next(unpassed, None))


def _cells(event: Event, teams: list[Team], now: datetime) -> list[Cell]:
    found = Challenge.objects.filter(event=event).select_related("event", "bundle")
    challenges = [challenge for challenge in found if is_opened(challenge, now)]
    admissions = admissions_by_team(challenges, teams)
    shown, handed_in = showings_of(event, teams), _handed_in(event, teams)
    hints = _hints_opened(teams)
    awaited = set(
        Gate.objects.filter(kind=GateKind.SIGNED_OFF, challenge__event=event).values_list("after", flat=True)
    )
    cells = []
    for team in teams:
        for challenge in challenges:
            key = (challenge.pk, team.pk)
            cells.append(
                _cell(
                    team,
                    challenge,
                    admissions[team.pk][challenge.pk],
                    shown[key],
                    handed_in.get(key, []),
                    now,
                    is_awaited=challenge.pk in awaited,
                    opened=hints.get(key, 0),
                )
            )
    return cells


Handed = tuple[Submission, Score | None]
"""A submission that is not a rehearsal, with its public score if it has one."""


def _cell(
    team: Team,
    challenge: Challenge,
    admission: Admission,
    shown: Showing,
    handed_in: list[Handed],
    now: datetime,
    *,
    is_awaited: bool,
    opened: int,
) -> Cell:
    higher = challenge.bundle.manifest.task.higher_is_better
    tries = [_try(submission, score) for submission, score in handed_in]
    finished = [one for one in tries if one.score is not None or one.code]
    at_it = admission.since is not None and shown.passed_at is None
    since = last_progress(finished, admission.since, higher_is_better=higher) if admission.since else None
    last = handed_in[-1][0] if handed_in else None
    asks_evidence = any(line.evidence for line in shown.lines)
    return Cell(
        team=team,
        challenge=challenge,
        admission=admission,
        lines=shown.lines,
        passed_at=shown.passed_at,
        signed=shown.signed is not None,
        awaits_sign_off=shown.signed is None
        and (asks_evidence or is_awaited)
        and score_is_enough(shown.lines),
        best_text=_best_text(challenge, handed_in),
        tries=len(handed_in),
        since=since,
        stuck=_stuck(challenge, finished, admission, now) if at_it else "",
        failure=last.verdict if last and last.state in FAILED else None,
        latest=last,
        hints_opened=opened,
        hints=len(challenge.bundle.hints),
    )


def _stuck(challenge: Challenge, tries: list[Try], admission: Admission, now: datetime) -> str:
    if admission.since is None:
        return ""
    higher = challenge.bundle.manifest.task.higher_is_better
    return quietly_stuck(tries, admission.since, now, higher_is_better=higher)


def _try(submission: Submission, score: Score | None) -> Try:
    code = (submission.verdict_json or {}).get("code", "") if submission.state in FAILED else ""
    return Try(submission.created_at, score.value if score else None, code)


def _best_text(challenge: Challenge, handed_in: Iterable[Handed]) -> str:
    manifest = challenge.bundle.manifest
    higher = manifest.task.higher_is_better
    scores = [score for _, score in handed_in if score is not None]
    if not scores:
        return ""
    best = (max if higher else min)(scores, key=lambda score: score.value)
    return score_text(best.value, best.low, best.high, manifest.pass_score, higher_is_better=higher)


def _handed_in(event: Event, teams: list[Team]) -> dict[tuple[int, int], list[Handed]]:
    """What the teams handed in, by challenge and team, the oldest first."""
    scores = Score.objects.filter(
        split="public",
        evaluation__current=True,
        evaluation__submission__team__in=teams,
        evaluation__submission__state=SubmissionState.SCORED,
        evaluation__submission__rehearsal=False,
    )
    by_submission = dict(_with_submission(scores))
    submissions = Submission.objects.filter(challenge__event=event, team__in=teams, rehearsal=False)
    found: dict[tuple[int, int], list[Handed]] = {}
    for submission in submissions.defer("passport_json").order_by("created_at", "number"):
        key = (submission.challenge_id, submission.team_id)
        found.setdefault(key, []).append((submission, by_submission.get(submission.pk)))
    return found


def _with_submission(scores: "QuerySet[Score]") -> Iterable[tuple[object, Score]]:
    only = ("value", "low", "high", "evaluation__submission_id")
    for score in scores.select_related("evaluation").only(*only):
        yield score.evaluation.submission_id, score


def _hints_opened(teams: list[Team]) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for challenge, team in OpenedHint.objects.filter(team__in=teams).values_list("challenge", "team"):
        found[challenge, team] = found.get((challenge, team), 0) + 1
    return found


def all_hints(challenge: Challenge, team: Team) -> list[ShownHint]:
    """Every hint of the challenge, for the team's coach."""
    opened = {hint.title: hint for hint in OpenedHint.objects.filter(challenge=challenge, team=team)}
    hints = challenge.bundle.hints
    return [ShownHint(hint, to_html(hint.text), opened.get(hint.title)) for hint in hints]


def opened_hints(challenge: Challenge, team: Team | None) -> list[ShownHint]:
    """The hints that the team may read."""
    if team is None:
        return []
    return [shown for shown in all_hints(challenge, team) if shown.opened]


def raised_hand(challenge: Challenge, team: Team | None) -> HelpCall | None:
    """The team's open call on the challenge."""
    if team is None:
        return None
    calls = HelpCall.objects.filter(challenge=challenge, team=team, closed_at=None)
    return calls.select_related("author", "claimed_by").first()
