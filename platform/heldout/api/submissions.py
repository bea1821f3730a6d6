"""The API: handing in, and what became of it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Status

from heldout.accounts.models import Scope
from heldout.api.auth import ANY, ORGANIZE, READ, SUBMIT, UPLOAD, need
from heldout.api.description import file_form
from heldout.api.finding import (
    CHALLENGE,
    SUBMISSION,
    caller,
    challenge_known_to,
    challenge_open_to,
    organized,
    own_team,
    submission_seen_by,
    team_seen_by,
)
from heldout.api.keeping import is_known, keeps_by_itself, once
from heldout.api.paging import Piece, cut
from heldout.api.schemas import SubmissionDetailOut, SubmissionOut, SubmissionsOut
from heldout.api.team_schemas import NoteIn
from heldout.api.words import Number
from heldout.leaderboards import ending
from heldout.submissions.actions import cancel, retry, submit, submit_rehearsed
from heldout.submissions.models import Submission
from heldout.submissions.notebook import change_note
from heldout.submissions.queries import log_of, submission_row, submissions_before
from heldout.submissions.rules import refuse_hand_in, splits_for, tries_left
from heldout.submissions.uploads import FIELD, receive
from heldout.teams.rules import is_member

router = Router(auth=READ, tags=["submissions"])


@router.get(CHALLENGE + "/submissions", response=SubmissionsOut, summary="Your team's submissions")
def team_submissions(
    request: HttpRequest, event: str, challenge: str, piece: Query[Piece], team: Number | None = None
) -> SubmissionsOut:
    """Newest first, with the tries that are left today. New ones do not move what comes after a cursor.

    Its coach and the organizers name the `team` whose submissions they want.
    """
    found = challenge_open_to(request, event, challenge)
    whose = own_team(request, found.event) if team is None else team_seen_by(request, found.event, team)
    visible = splits_for(request.user, found.event)
    rows = submissions_before(whose, found, piece.before, piece.limit + 1)
    kept, after = cut(rows, piece.limit, lambda row: row.submission.number)
    tries = tries_left(whose, found, timezone.now())
    return SubmissionsOut.of(tries, [SubmissionOut.of(row, visible) for row in kept], after)


@router.post(
    CHALLENGE + "/submissions",
    response={201: SubmissionOut},
    auth=UPLOAD,
    openapi_extra=file_form(FIELD, note={"type": "string", "maxLength": 300}),
    summary="Hand in a file",
)
@keeps_by_itself
def hand_in(request: HttpRequest, event: str, challenge: str, rehearsal: bool = False) -> Any:
    """Send the file as `artefact`, and what you changed as `note`.

    With `?rehearsal=true` it is run on the validation split alone: that costs no try, gives the whole
    log, and is never on the board.
    """
    found = challenge_known_to(request, event, challenge)
    team = own_team(request, found.event)
    if not is_known(request):
        refuse_hand_in(caller(request), team, found, timezone.now(), rehearsal=rehearsal)
    upload = receive(request, limit_mb=found.bundle.manifest.limits.artefact_mb)
    note = request.POST.get("note", "")

    def handed_in() -> Status[SubmissionOut]:
        made = submit(
            challenge=found,
            team=team,
            author=caller(request),
            upload=upload,
            note=note,
            rehearsal=rehearsal,
        )
        return Status(201, SubmissionOut.of(submission_row(made), splits_for(request.user, found.event)))

    return once(request, f"{upload.digest}\n{upload.file_name}\n{note}".encode(), handed_in)


@router.get(SUBMISSION, response=SubmissionDetailOut, summary="One submission")
def submission_detail(request: HttpRequest, event: str, submission: UUID) -> SubmissionDetailOut:
    """For its team, its coach and the organizers."""
    found = submission_seen_by(request, event, submission)
    return SubmissionDetailOut.for_viewer(submission_row(found), request.user)


@router.get(
    SUBMISSION + "/log",
    response=str,
    openapi_extra={"x-content": "text/plain"},
    summary="A rehearsal's log",
)
def submission_log(request: HttpRequest, event: str, submission: UUID) -> HttpResponse:
    """All that a rehearsal printed, as plain text; empty for a submission, which ran on hidden data."""
    log = log_of(submission_seen_by(request, event, submission), request.user)
    return HttpResponse(log, content_type="text/plain; charset=utf-8")


@router.post(
    SUBMISSION + "/submit",
    response={201: SubmissionOut},
    auth=SUBMIT,
    summary="Hand in for real what was rehearsed",
)
def hand_in_rehearsed(request: HttpRequest, event: str, submission: UUID) -> Status[SubmissionOut]:
    """The same file and note, as a submission that costs a try."""
    handed_in = submit_rehearsed(submission_seen_by(request, event, submission), caller(request))
    visible = splits_for(request.user, handed_in.challenge.event)
    return Status(201, SubmissionOut.of(submission_row(handed_in), visible))


@router.patch(SUBMISSION, response=SubmissionOut, auth=SUBMIT, summary="Say better what was changed")
def edit_note(request: HttpRequest, event: str, submission: UUID, given: NoteIn) -> SubmissionOut:
    """Its team's members keep the note."""
    found = submission_seen_by(request, event, submission)
    change_note(found, given.note, caller(request))
    return _fresh(request, found)


@router.post(SUBMISSION + "/cancel", response=SubmissionOut, auth=ANY, summary="Take a submission back")
def cancel_submission(request: HttpRequest, event: str, submission: UUID) -> SubmissionOut:
    """While it is not finished; it costs no try then. Your team's needs `submit`, another's `organize`."""
    found = submission_seen_by(request, event, submission)
    need(request, Scope.SUBMIT if is_member(request.user, found.team) else Scope.ORGANIZE)
    cancel(found, caller(request))
    return _fresh(request, found)


@router.post(SUBMISSION + "/retry", response=SubmissionOut, auth=ORGANIZE, summary="Run a failed one again")
def retry_submission(request: HttpRequest, event: str, submission: UUID) -> SubmissionOut:
    """One that failed by a fault of the site's. Organizers may."""
    organized(request, event)
    found = submission_seen_by(request, event, submission)
    retry(found, caller(request))
    return _fresh(request, found)


@router.post(SUBMISSION + "/choose", response=SubmissionOut, auth=SUBMIT, summary="Let it count in the end")
def choose(request: HttpRequest, event: str, submission: UUID) -> SubmissionOut:
    """In events where the best of the chosen ones counts."""
    found = submission_seen_by(request, event, submission)
    ending.choose(found, caller(request))
    return _fresh(request, found)


@router.post(SUBMISSION + "/unchoose", response=SubmissionOut, auth=SUBMIT, summary="Let it count no more")
def unchoose(request: HttpRequest, event: str, submission: UUID) -> SubmissionOut:
    """Then another one may be chosen in its place."""
    found = submission_seen_by(request, event, submission)
    ending.take_choice_back(found, caller(request))
    return _fresh(request, found)


def _fresh(request: HttpRequest, submission: Submission) -> SubmissionOut:
    """As it is now that something was done to it."""
    visible = splits_for(request.user, submission.challenge.event)
    return SubmissionOut.of(submission_row(submission), visible)
