"""What a rescoring does to a board: shown before it is decided, and done in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.leaderboards.actions import keep_standing
from heldout.leaderboards.freezing import sight
from heldout.leaderboards.queries import BoardRow, contents
from heldout.leaderboards.rules import is_frozen, rules_of
from heldout.submissions.attaining import keep_attainment
from heldout.submissions.models import (
    LIVE_STATES,
    Attempt,
    AttemptJob,
    Evaluation,
    Rescoring,
    RescoringState,
    StateChange,
)
from heldout.submissions.rescoring import (
    Progress,
    catch_up,
    decide,
    discard,
    missing,
    progress,
    results,
    undecided,
)
from heldout.teams.models import Team


@dataclass(frozen=True)
class Move:
    """A team's place before and after; None where it has none."""

    team: str
    before: BoardRow | None
    after: BoardRow | None

    @property
    def gains(self) -> int:
        """How many ranks it goes up; negative when it goes down, 0 also where a place is new or gone."""
        old, new = self._rank(self.before), self._rank(self.after)
        return old - new if old and new else 0

    @property
    def loses(self) -> int:
        """How many ranks it goes down."""
        return max(0, -self.gains)

    @property
    def changes(self) -> bool:
        """Whether its rank, its score or its passing changes."""
        return self._seen(self.before) != self._seen(self.after)

    @property
    def now_passes(self) -> bool:
        """Whether it passes, and did not."""
        return bool(self.after and self.after.passed) and not (self.before and self.before.passed)

    @property
    def now_fails(self) -> bool:
        """Whether it passed, and does not."""
        return bool(self.before and self.before.passed) and not (self.after and self.after.passed)

    @staticmethod
    def _rank(row: BoardRow | None) -> int:
        return (row.rank or 0) if row else 0

    @staticmethod
    def _seen(row: BoardRow | None) -> tuple[object, ...] | None:
        return (row.rank, row.score, row.low, row.high, row.passed) if row else None


@dataclass(frozen=True)
class Report:
    """How far a rescoring is and, while it is undecided, what keeping it would change."""

    progress: Progress
    undecided: bool
    missing: int
    """How many were scored since it began and are no part of it."""
    moves: list[Move]
    """Empty until every run has ended."""


class _Undone(Exception):
    """Raised to leave a transaction with nothing changed."""


def report(rescoring: Rescoring, viewer: User) -> Report:
    """All that one needs to know to decide about it."""
    so_far, open_still = progress(rescoring), rescoring.state == RescoringState.RUNNING
    return Report(
        progress=so_far,
        undecided=open_still,
        missing=missing(rescoring).count() if open_still else 0,
        moves=preview(rescoring, viewer) if open_still and so_far.is_over else [],
    )


def preview(rescoring: Rescoring, viewer: User) -> list[Move]:
    """What keeping it would do to each team, best first as it would be.

    It is done and undone in one transaction that nobody else sees, so that it cannot differ from the deed.
    """
    moves: list[Move] = []
    try:
        with transaction.atomic():
            before = _rows(_fresh(rescoring.challenge_id), viewer)
            _switch(rescoring)
            after = _rows(_fresh(rescoring.challenge_id), viewer)
            moves = _moves(before, after)
            raise _Undone
    except _Undone:
        return moves


def _moves(before: dict[int, BoardRow], after: dict[int, BoardRow]) -> list[Move]:
    gone = [team for team in before if team not in after]
    every = {**before, **after}
    return [Move(every[team].name, before.get(team), after.get(team)) for team in [*after, *gone]]


def _rows(challenge: Challenge, viewer: User) -> dict[int, BoardRow]:
    """Made anew, not from the shelf: what is not committed must not be put there."""
    view = contents(challenge, sight(challenge, viewer))
    return {row.team_id: row for row in view.rows if row.team_id is not None}


def _fresh(challenge: int) -> Challenge:
    return Challenge.objects.select_related("bundle", "event", "preparation").get(pk=challenge)


@transaction.atomic
def keep(rescoring: Rescoring, actor: User) -> list[Move]:
    """Let the new scores count from now on, with what follows for ranks, passing and points.

    A submission whose run gave no score keeps the one that it has. Raises Refusal while it is not over.
    """
    challenge = Challenge.objects.select_for_update(no_key=True, of=("self",)).get(pk=rescoring.challenge_id)
    rescoring = undecided(rescoring)
    _refuse_early(rescoring)
    before = _rows(_fresh(challenge.pk), actor)
    _switch(rescoring)
    decide(rescoring, RescoringState.KEPT)
    moves = _moves(before, _rows(_fresh(challenge.pk), actor))
    _record("rescoring.kept", rescoring, moves, actor)
    return moves


def _refuse_early(rescoring: Rescoring) -> None:
    if not progress(rescoring).is_over:
        raise Refusal("It is not over yet.", "Keep it when every run has ended, or discard it.")
    if rescoring.preparation_id == rescoring.previous_id:
        return
    if rescoring.challenge.preparation_id != rescoring.previous_id:
        raise Refusal("The challenge has changed meanwhile.", "Discard this rescoring and begin another.")
    if count := missing(rescoring).count():
        raise Refusal(f"{count} scored since it began.", "Take them in first, so that ranks compare.")
    at_work = Attempt.objects.filter(
        submission__challenge=rescoring.challenge_id, job=AttemptJob.SCORING, state__in=LIVE_STATES
    )
    if at_work.exists():
        raise Refusal(
            "A worker is scoring on the old version.",
            "Pause scoring on this challenge, wait, and keep it then.",
        )


@transaction.atomic
def undo(rescoring: Rescoring, actor: User) -> list[Move]:
    """Let the scores count that counted before. Raises Refusal when they were rescored again since."""
    challenge = Challenge.objects.select_for_update(no_key=True, of=("self",)).get(pk=rescoring.challenge_id)
    rescoring = Rescoring.objects.select_for_update(no_key=True, of=("self",)).get(pk=rescoring.pk)
    if rescoring.state != RescoringState.KEPT or rescoring.preparation_id != challenge.preparation_id:
        raise Refusal("It cannot be undone.", "Only the rescoring that counts now can be.")
    if rescoring.preparation_id != rescoring.previous_id:
        raise Refusal(
            "It cannot be undone.",
            "Its version is in use. Rescore the challenge against the one before.",
        )
    kept = list(results(rescoring).filter(replaces__isnull=False).select_related("replaces"))
    if not all(evaluation.current for evaluation in kept):
        raise Refusal("It cannot be undone.", "A later rescoring has replaced its scores. Undo that first.")
    before = _rows(_fresh(challenge.pk), actor)
    for evaluation in kept:
        Evaluation.objects.filter(pk=evaluation.pk).update(current=False, replaces=None)
        if evaluation.replaces:
            Evaluation.objects.filter(pk=evaluation.replaces.pk).update(current=True)
    decide(rescoring, RescoringState.DISCARDED)
    _renew(_fresh(challenge.pk))
    moves = _moves(before, _rows(_fresh(challenge.pk), actor))
    _record("rescoring.undone", rescoring, moves, actor)
    return moves


def _switch(rescoring: Rescoring) -> None:
    """Let its scores count, and its version of the challenge, and make the board anew."""
    if rescoring.preparation_id != rescoring.previous_id:
        bundle = rescoring.preparation.bundle
        Challenge.objects.filter(pk=rescoring.challenge_id).update(
            preparation=rescoring.preparation, bundle=bundle, title=bundle.manifest.title
        )
    for new in results(rescoring):
        old = Evaluation.objects.get(submission=new.submission_id, current=True)
        Evaluation.objects.filter(pk=old.pk).update(current=False)
        Evaluation.objects.filter(pk=new.pk).update(current=True, replaces=old, created_at=old.created_at)
    _renew(_fresh(rescoring.challenge_id))


def _renew(challenge: Challenge) -> None:
    for team in Team.objects.filter(event=challenge.event_id).order_by("pk"):
        keep_standing(challenge, team.pk)
        keep_attainment(challenge, team)
    publish_on_commit("board", event=challenge.event_id, challenge=challenge.slug)
    publish_on_commit("challenge", event=challenge.event_id, challenge=challenge.slug)


def _record(action: str, rescoring: Rescoring, moves: list[Move], actor: User) -> None:
    """Tell the audit log and the submissions' own history."""
    changed = [move for move in moves if move.changes]
    after = {move.team: _said(move) for move in changed}
    slug = rescoring.challenge.event.slug
    audit.write(action, rescoring, actor=actor, event_slug=slug, after=after, reason=rescoring.reason)
    words = _words(action)
    # While the board stands still for teams, their submissions' history tells no rank either.
    told = {} if is_frozen(rules_of(rescoring.challenge.event), timezone.now()) else after
    StateChange.objects.bulk_create(
        StateChange(
            submission=evaluation.submission,
            old=evaluation.submission.state,
            new=evaluation.submission.state,
            reason=f"{words}. {told.get(evaluation.submission.team.name, '')}".strip()[:200],
        )
        for evaluation in results(rescoring).select_related("submission__team")
    )


def _words(action: str) -> str:
    return "Scored anew by the organizers" if action == "rescoring.kept" else "The new score was taken back"


def _said(move: Move) -> str:
    return f"The team's place: {_place(move.before)}, now {_place(move.after)}."


def _place(row: BoardRow | None) -> str:
    return f"rank {row.rank} with {row.score_text}" if row else "no place"


Step = Literal["keep", "discard", "catch-up", "undo"]
STEPS: dict[Step, Callable[[Rescoring, User], object]] = {
    "keep": keep,
    "discard": discard,
    "catch-up": catch_up,
    "undo": undo,
}
