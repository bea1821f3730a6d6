"""The final board: private scores of what counts, and how teams moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from heldout.catalog.models import Challenge
from heldout.events.rules import Viewer, is_organizer
from heldout.leaderboards.freezing import Sight
from heldout.leaderboards.models import BoardRules, Choice, FinalRule, Standing
from heldout.leaderboards.places import Place, Run, standing_places
from heldout.leaderboards.queries import ranked_places
from heldout.leaderboards.rules import digits, rules_of
from heldout.submissions.counting import counting_scores
from heldout.submissions.models import Score, Submission, SubmissionState
from heldout.teams.models import Team
from heldout.teams.rules import is_member


@dataclass(frozen=True)
class FinalRow:
    """A team's place in the end, beside its place on the public board."""

    rank: int
    public_rank: int | None
    team: Team
    score: float
    low: float
    high: float
    score_text: str
    submission_number: int

    @property
    def moved(self) -> int:
        """Places gained from the public board to the final one; below 0 they were lost."""
        return 0 if self.public_rank is None else self.public_rank - self.rank


@dataclass(frozen=True)
class FinalBoard:
    """A challenge's final board, best first."""

    challenge: Challenge
    rule: str
    rows: list[FinalRow]
    published_at: datetime | None


@dataclass(frozen=True)
class Reveal:
    """The final board as the stage has seen it so far: the last `step` places, and the newest among them."""

    board: FinalBoard
    step: int
    shown: list[FinalRow]
    newest: FinalRow | None

    @property
    def hidden(self) -> int:
        """Places that are still to come."""
        return len(self.board.rows) - self.step


@dataclass(frozen=True)
class Choosing:
    """Whether a member may choose a submission, or take the choice back, and what the team has chosen."""

    offered: bool
    chosen: bool = False
    number: int = 0
    most: int = 0


def choosing(submission: Submission, viewer: Viewer) -> Choosing:
    """What a submission's page says of choosing it: nothing to others, and where choices do not count."""
    rules = rules_of(submission.challenge.event)
    is_scored = submission.state == SubmissionState.SCORED and not submission.rehearsal
    if rules.final != FinalRule.CHOSEN or not is_scored or not is_member(viewer, submission.team):
        return Choosing(offered=False)
    theirs = Choice.objects.filter(
        submission__team=submission.team_id, submission__challenge=submission.challenge_id
    )
    chosen = set(theirs.values_list("submission", flat=True))
    return Choosing(True, submission.pk in chosen, len(chosen), rules.choices)


def may_see_final(viewer: Viewer, rules: BoardRules) -> bool:
    """Whether `viewer` may see private scores of all teams: organizers, and everybody once published."""
    return rules.published_at is not None or is_organizer(viewer, rules.event)


def final_board(challenge: Challenge) -> FinalBoard:
    """The final board of a challenge, in a constant number of queries. Ask `may_see_final` first."""
    rules = rules_of(challenge.event)
    standings = {one.team_id: one for one in Standing.objects.filter(challenge=challenge)}
    seen = Sight(rules, "live", None)
    public = ranked_places(challenge, standing_places(challenge), seen)
    public_ranks = {one.entry.team: one.rank for one in public}
    counting = _counting(challenge, FinalRule(rules.final), standings)
    teams = Team.objects.in_bulk(counting)
    places = {team: Place(_run(score), 1) for team, score in counting.items()}
    rows = [
        _row(one.rank, public_ranks.get(one.entry.team), teams[one.entry.team], counting[one.entry.team])
        for one in ranked_places(challenge, places, seen, split="private")
    ]
    return FinalBoard(challenge, rules.get_final_display(), rows, rules.published_at)


def reveal(challenge: Challenge, step: int) -> Reveal:
    """The final board with its last `step` places shown, from the bottom to the top."""
    board = final_board(challenge)
    step = max(0, min(step, len(board.rows)))
    shown = board.rows[len(board.rows) - step :]
    return Reveal(board, step, shown, shown[0] if shown else None)


def _counting(challenge: Challenge, rule: FinalRule, standings: dict[int, Standing]) -> dict[int, Score]:
    """Each team's private score that counts; of a team that chose nothing, that of its public standing."""
    scores = [one for one in _private_scores(challenge) if _team(one) in standings and isfinite(one.value)]
    choosing = rule == FinalRule.CHOSEN
    chose = {_team(one) for one in scores if choosing and _is_chosen(one)}

    def counts(score: Score) -> bool:
        if rule == FinalRule.BEST_PRIVATE:
            return True
        if _team(score) in chose:
            return _is_chosen(score)
        return score.evaluation.submission_id == standings[_team(score)].submission_id

    sign = 1 if challenge.bundle.manifest.task.higher_is_better else -1
    best: dict[int, Score] = {}
    for score in filter(counts, scores):
        other = best.setdefault(_team(score), score)
        if sign * score.value > sign * other.value:
            best[_team(score)] = score
    return best


def _team(score: Score) -> int:
    return score.evaluation.submission.team_id


def _is_chosen(score: Score) -> bool:
    return hasattr(score.evaluation.submission, "choice")


def _private_scores(challenge: Challenge) -> Iterator[Score]:
    """Private scores, those handed in first before others."""
    scores = counting_scores(challenge, "private")
    ordered = scores.order_by("evaluation__submission__created_at", "evaluation__submission__number")
    yield from ordered.select_related("evaluation__submission__choice")


def _run(score: Score) -> Run:
    submission = score.evaluation.submission
    return Run(
        submission.team_id, submission.pk, submission.number, score.evaluation_id, submission.created_at,
        score.value, score.low, score.high,
    )  # fmt: skip


def _row(place: int, public_rank: int | None, team: Team, score: Score) -> FinalRow:
    decimals = digits(score.low, score.high)
    return FinalRow(
        rank=place,
        public_rank=public_rank,
        team=team,
        score=round(score.value, decimals),
        low=round(score.low, decimals),
        high=round(score.high, decimals),
        score_text=f"{score.value:.{decimals}f}",
        submission_number=score.evaluation.submission.number,
    )
