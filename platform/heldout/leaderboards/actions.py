"""Every change of a board: it follows from scored submissions, and from nothing else."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from heldout.accounts.models import User
from heldout.broadcast import publish_on_commit
from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.leaderboards import shelf
from heldout.leaderboards.models import FrozenStanding, Standing
from heldout.leaderboards.rules import is_frozen, rules_of
from heldout.submissions import actions as submissions
from heldout.submissions import intervening
from heldout.submissions.attaining import keep_attainment
from heldout.submissions.counting import counting_scores
from heldout.submissions.intervention_models import Disqualification
from heldout.submissions.models import Submission, SubmissionState
from heldout.teams.models import Team
from scoring.job import Evaluation
from scoring.logs import about

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Content:
    """A standing's content."""

    submission_id: UUID
    score: float
    low: float
    high: float
    achieved_at: datetime
    scored_count: int


def record_evaluation(evaluation: Evaluation) -> Challenge | None:
    """Record a run's outcome and its effect on the board together, then give the workers more.

    Gives the challenge whose board may have changed.
    """
    with transaction.atomic():
        submission = submissions.record_evaluation(evaluation)
        counts = (
            submission is not None and submission.state == SubmissionState.SCORED and not submission.rehearsal
        )
        if submission is not None and counts:
            _update_board(submission)
    submissions.dispatch(timezone.now())
    return submission.challenge if submission is not None and counts else None


def _update_board(submission: Submission) -> None:
    challenge = submission.challenge
    if keep_standing(challenge, submission.team_id):
        with about(submission=submission.pk):
            logger.info("the board of %s changes", challenge.slug)
        # While a board stands still, only those who see it move hear of it.
        hidden = is_frozen(rules_of(challenge.event), timezone.now())
        team = submission.team_id if hidden else None
        publish_on_commit("board", event=challenge.event_id, team=team, challenge=challenge.slug)


@transaction.atomic(savepoint=False)
def keep_standing(challenge: Challenge, team_id: int) -> bool:
    """Bring a team's standing up to date, and the one at the freeze; gives whether either changed.

    The team's row is locked: of two runs that end together, the second sees the first's score.
    """
    Team.objects.select_for_update(no_key=True).get(pk=team_id)
    freezes_at = rules_of(challenge.event).freezes_at
    changed = _keep(Standing, challenge, team_id, place_of(challenge, team_id))
    at_freeze = place_of(challenge, team_id, until=freezes_at) if freezes_at else None
    changed = _keep(FrozenStanding, challenge, team_id, at_freeze) or changed
    if changed:
        transaction.on_commit(lambda: shelf.forget(challenge), robust=True)
    return changed


def _keep(
    model: type[Standing] | type[FrozenStanding], challenge: Challenge, team_id: int, place: Content | None
) -> bool:
    kept = model._default_manager.filter(challenge=challenge, team=team_id)
    now = kept.first()
    if place is None:
        return bool(kept.delete()[0])
    if now is None:
        model._default_manager.create(challenge=challenge, team_id=team_id, **vars(place))
    elif all(getattr(now, name) == value for name, value in vars(place).items()):
        return False
    else:
        kept.update(**vars(place))
    return True


def place_of(challenge: Challenge, team_id: int, until: datetime | None = None) -> Content | None:
    """The standing that follows from the team's scored submissions; None without any.

    The best finite public score counts; among equal scores the one that was handed in first. With `until`,
    only what was scored before.
    """
    scores = counting_scores(challenge, "public").filter(evaluation__submission__team=team_id)
    if until is not None:
        scores = scores.filter(evaluation__created_at__lt=until)
    better = "-value" if challenge.bundle.manifest.task.higher_is_better else "value"
    submission = "evaluation__submission"
    ordered = scores.order_by(better, f"{submission}__created_at", f"{submission}__number")
    best = ordered.select_related(submission).first()
    if best is None:
        return None
    return Content(
        submission_id=best.evaluation.submission_id,
        score=best.value,
        low=best.low,
        high=best.high,
        achieved_at=best.evaluation.submission.created_at,
        scored_count=scores.count(),
    )


@transaction.atomic
def disqualify(
    event: Event, actor: User, reason: str, *, submission: Submission | None = None, team: Team | None = None
) -> Disqualification:
    """Take a submission, or a team, off the boards, with what follows for points. Raises Refusal."""
    made = intervening.disqualify(event, actor, reason, submission=submission, team=team)
    rebuild_standings(event)
    return made


@transaction.atomic
def qualify_again(made: Disqualification, event: Event, actor: User) -> None:
    """Undo a disqualification, with what follows for ranks and points."""
    intervening.take_back(made, event, actor)
    rebuild_standings(event)


@transaction.atomic
def rebuild_standings(event: Event | None = None) -> int:
    """Make every standing anew from scored submissions; gives the number of standings that changed."""
    challenges = Challenge.objects.select_related("bundle", "event")
    if event is not None:
        challenges = challenges.filter(event=event)
    return sum(_rebuild_board(challenge) for challenge in challenges)


def _rebuild_board(challenge: Challenge) -> int:
    teams = list(Team.objects.filter(event=challenge.event_id))
    changed = sum(keep_standing(challenge, team.pk) for team in teams)
    for team in teams:
        keep_attainment(challenge, team)
    if changed:
        publish_on_commit("board", event=challenge.event_id, challenge=challenge.slug)
    return changed
