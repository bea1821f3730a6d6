"""The API: the pages' own queries and actions, as JSON."""

from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status

from heldout.accounts.models import User
from heldout.api.auth import BOARD, READ, SUBMIT, UPLOAD, place
from heldout.api.schemas import (
    BoardOut,
    ChallengeOut,
    EventOut,
    FinalBoardOut,
    SubmissionDetailOut,
    SubmissionOut,
    SubmissionsOut,
)
from heldout.catalog.access import find_published
from heldout.catalog.models import Challenge
from heldout.catalog.queries import challenges_for, open_challenge_or_none
from heldout.events.access import find_event
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.leaderboards.final import final_board, may_see_final
from heldout.leaderboards.rules import rules_of
from heldout.leaderboards.serving import answer, exported
from heldout.leaderboards.tickets import Entry, enter_as
from heldout.submissions.actions import submit, submit_rehearsed
from heldout.submissions.models import Submission
from heldout.submissions.queries import submission_or_none, submission_row, submissions_of
from heldout.submissions.rules import refuse_hand_in, splits_for, tries_left
from heldout.submissions.uploads import FIELD, receive
from heldout.teams.models import Team
from heldout.teams.queries import team_of

CHALLENGE = "/events/{slug:event}/challenges/{slug:challenge}"
UPLOAD_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {
                        FIELD: {"type": "string", "format": "binary"},
                        "note": {"type": "string", "maxLength": 300},
                    },
                }
            }
        },
    }
}


router = Router(auth=READ)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _challenge(request: HttpRequest, event: str, challenge: str) -> Challenge:
    found = open_challenge_or_none(find_event(request.user, event), challenge, request.user)
    if found is None:
        raise Http404(f"no challenge {challenge!r} for this viewer")
    return found


def _published(request: HttpRequest, event: str, challenge: str) -> Challenge:
    """A challenge that may still be closed to the caller's team, so that the refusal says what opens it."""
    return find_published(find_event(request.user, event), challenge, request.user)


def _team(request: HttpRequest, event: Event) -> Team:
    team = team_of(request.user, event)
    if team is None:
        raise Refusal("You are in no team.", "Join a team or found one, then submit.")
    return team


@router.get("/events", response=list[EventOut], summary="The events you take part in")
def events(request: HttpRequest) -> list[EventOut]:
    """Newest first. A team's token takes part in one."""
    found = Event.objects.filter(roles__user=_user(request))
    if (team := place(request)) is not None:
        found = found.filter(pk=team.event_id)
    return [EventOut.of(event) for event in found]


@router.get("/events/{slug:event}/challenges", response=list[ChallengeOut], summary="An event's challenges")
def challenges(request: HttpRequest, event: str) -> list[ChallengeOut]:
    """In order; locked ones with little more than their title."""
    return [ChallengeOut.of(card) for card in challenges_for(find_event(request.user, event), request.user)]


@router.get(CHALLENGE + "/board", response=BoardOut, auth=BOARD, summary="A challenge's board")
def challenge_board(request: HttpRequest, event: str, challenge: str) -> HttpResponse:
    """Public scores only.

    It is kept ready, and answers 304 to an `If-None-Match` with the ETag of the last answer.
    """
    caller = cast(Any, request).auth
    entry = caller if isinstance(caller, Entry) else enter_as(request.user, event, challenge)
    asked = exported(entry, lambda view: BoardOut.of(view).model_dump_json())
    return answer(request, entry, asked, "application/json; charset=utf-8")


@router.get(CHALLENGE + "/final", response=FinalBoardOut, summary="A challenge's final board")
def challenge_final_board(request: HttpRequest, event: str, challenge: str) -> FinalBoardOut:
    """Private scores of what counts; there is none for all but organizers until it is published."""
    found = _challenge(request, event, challenge)
    if not may_see_final(request.user, rules_of(found.event)):
        raise Http404("the final boards are not published")
    return FinalBoardOut.of(final_board(found))


@router.get(CHALLENGE + "/submissions", response=SubmissionsOut, summary="Your team's submissions")
def team_submissions(request: HttpRequest, event: str, challenge: str) -> SubmissionsOut:
    """Newest first, with the tries that are left today."""
    found = _challenge(request, event, challenge)
    team = _team(request, found.event)
    visible = splits_for(request.user, found.event)
    rows = [SubmissionOut.of(row, visible) for row in submissions_of(team, found)]
    return SubmissionsOut.of(tries_left(team, found, timezone.now()), rows)


@router.post(
    CHALLENGE + "/submissions",
    response={201: SubmissionOut},
    auth=UPLOAD,
    openapi_extra=UPLOAD_FORM,
    summary="Hand in a file",
)
def hand_in(
    request: HttpRequest, event: str, challenge: str, rehearsal: bool = False
) -> Status[SubmissionOut]:
    """Send the file as `artefact`, and what you changed as `note`.

    With `?rehearsal=true` it is run on the validation split alone: that costs no try, gives the whole
    log, and is never on the board.
    """
    found = _published(request, event, challenge)
    team = _team(request, found.event)
    refuse_hand_in(_user(request), team, found, timezone.now(), rehearsal=rehearsal)
    upload = receive(request, limit_mb=found.bundle.manifest.limits.artefact_mb)
    submission = submit(
        challenge=found,
        team=team,
        author=_user(request),
        upload=upload,
        note=request.POST.get("note", ""),
        rehearsal=rehearsal,
    )
    return Status(201, SubmissionOut.of(submission_row(submission), splits_for(request.user, found.event)))


SUBMISSION = "/events/{slug:event}/submissions/{submission}"


def _submission(request: HttpRequest, event: str, submission: UUID) -> Submission:
    found = submission_or_none(find_event(request.user, event), submission, request.user)
    if found is None:
        raise Http404(f"no submission {submission} for this viewer")
    return found


@router.get(SUBMISSION, response=SubmissionDetailOut, summary="One submission")
def submission_detail(request: HttpRequest, event: str, submission: UUID) -> SubmissionDetailOut:
    """For its team, its coach and the organizers."""
    found = _submission(request, event, submission)
    return SubmissionDetailOut.for_viewer(submission_row(found), request.user)


@router.post(
    SUBMISSION + "/submit",
    response={201: SubmissionOut},
    auth=SUBMIT,
    summary="Hand in for real what was rehearsed",
)
def hand_in_rehearsed(request: HttpRequest, event: str, submission: UUID) -> Status[SubmissionOut]:
    """The same file and note, as a submission that costs a try."""
    handed_in = submit_rehearsed(_submission(request, event, submission), _user(request))
    visible = splits_for(request.user, handed_in.challenge.event)
    return Status(201, SubmissionOut.of(submission_row(handed_in), visible))
