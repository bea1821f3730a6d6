"""A team's lab notebook: what it changed each time, and what that gave."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.catalog.models import Challenge
from heldout.events.rules import Refusal
from heldout.submissions.models import Submission
from heldout.submissions.queries import SubmissionRow, submissions_of
from heldout.teams.models import Team
from heldout.teams.rules import is_member, visible_text

LONGEST_NOTE = 300


@dataclass(frozen=True)
class Entry:
    """A submission in the notebook. `change` is against the team's best before; above 0 is better."""

    challenge: Challenge
    row: SubmissionRow
    change: float | None


def entries(team: Team, challenge: Challenge | None = None) -> list[Entry]:
    """The notebook of a team, the newest first: of one challenge, or of all."""
    challenges = Challenge.objects.filter(submissions__team=team).select_related("bundle", "event").distinct()
    if challenge is not None:
        challenges = challenges.filter(pk=challenge.pk)
    found = [entry for one in challenges for entry in _of(team, one)]
    return sorted(found, key=lambda entry: entry.row.created_at, reverse=True)


def _of(team: Team, challenge: Challenge) -> list[Entry]:
    sign = 1 if challenge.bundle.manifest.task.higher_is_better else -1
    best: float | None = None
    made = []
    for row in reversed(submissions_of(team, challenge)):
        counts = row.score is not None and not row.rehearsal
        score = row.score if counts else None
        made.append(Entry(challenge, row, None if score is None or best is None else sign * (score - best)))
        if score is not None and (best is None or sign * score > sign * best):
            best = score
    return made


@transaction.atomic
def change_note(submission: Submission, text: str, actor: User) -> None:
    """Say better afterwards what was changed. The team's members may. Raises Refusal."""
    if not is_member(actor, submission.team):
        raise Refusal("You are not in this team.", "Its members keep its notebook.")
    before, after = submission.note, visible_text(text[: 2 * LONGEST_NOTE])[:LONGEST_NOTE]
    Submission.objects.filter(pk=submission.pk).update(note=after)
    event = submission.challenge.event
    audit.write(
        "submission.note",
        submission,
        actor=actor,
        event_slug=event.slug,
        before={"note": before},
        after={"note": after},
    )
    publish_on_commit("submission", event=event.pk, team=submission.team_id, submission=str(submission.pk))


def rows(found: Iterable[Entry]) -> Iterator[dict[str, object]]:
    """The notebook as a table."""
    for entry in found:
        row = entry.row
        yield {
            "challenge": entry.challenge.slug,
            "at": row.created_at.isoformat(),
            "submission": row.submission.label,
            "author": row.author_name,
            "note": row.note,
            "score": row.score_text,
            "change": "" if entry.change is None else f"{entry.change:+.4f}",
            "state": row.state,
        }
