"""The API for organizers: whom an event has invited, and inviting more."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from heldout.api.auth import ORGANIZE
from heldout.api.finding import EVENT, caller, organized
from heldout.api.paging import Listed, Piece, newest_first, whole
from heldout.api.words import Number, Written
from heldout.events import actions
from heldout.events.addresses import LONGEST_ADDRESS, MOST_AT_ONCE
from heldout.events.models import Event, Invitation, RoleName
from heldout.events.rules import InvitationState, state_of

router = Router(auth=ORGANIZE, tags=["invitations"])
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=LONGEST_ADDRESS), Written
]
INVITATIONS = EVENT + "/invitations"
INVITATION = INVITATIONS + "/{invitation}"


class InvitationOut(Schema):
    """A link that was mailed to somebody. Nobody is told it but they."""

    id: int
    email: str
    role: RoleName
    state: InvitationState
    by: str | None
    """Null where a place came free and the waitlist moved up."""
    at: datetime
    expires_at: datetime
    mailed_at: datetime | None
    accepted_at: datetime | None

    @classmethod
    def shown(cls, made: Invitation) -> "InvitationOut":
        """An invitation as organizers see it."""
        return cls(
            id=made.pk,
            email=made.email,
            role=RoleName(made.role),
            state=state_of(made, timezone.now()),
            by=str(made.invited_by) if made.invited_by else None,
            at=made.created_at,
            expires_at=made.expires_at,
            mailed_at=made.mailed_at,
            accepted_at=made.accepted_at,
        )


class InviteIn(Schema):
    """People to invite, all in one role."""

    emails: Annotated[
        list[Email],
        Field(min_length=1, max_length=MOST_AT_ONCE, examples=[["ada@example.org", "grace@example.org"]]),
    ]
    role: RoleName = RoleName.PARTICIPANT


def _one(event: Event, number: int) -> Invitation:
    return get_object_or_404(Invitation.objects.select_related("event", "invited_by"), pk=number, event=event)


@router.get(INVITATIONS, response=Listed[InvitationOut], summary="Whom the event has invited")
def invitations(request: HttpRequest, event: str, piece: Query[Piece]) -> Listed[InvitationOut]:
    """Newest first."""
    found = Invitation.objects.filter(event=organized(request, event)).select_related("invited_by")
    return newest_first(found, piece, InvitationOut.shown)


@router.post(INVITATIONS, response={201: Listed[InvitationOut]}, summary="Invite people by mail")
def invite(request: HttpRequest, event: str, given: InviteIn) -> Status[Listed[InvitationOut]]:
    """All of them or none; each gets a link of their own."""
    letters = actions.invite_all(
        organized(request, event), "\n".join(given.emails), given.role, caller(request)
    )
    return Status(201, whole(InvitationOut.shown(letter.invitation) for letter in letters))


@router.post(INVITATION + "/resend", response=InvitationOut, summary="Mail somebody a new link")
def resend(request: HttpRequest, event: str, invitation: Path[Number]) -> InvitationOut:
    """The old one no longer works."""
    found = organized(request, event)
    actions.resend(_one(found, invitation), caller(request))
    return InvitationOut.shown(_one(found, invitation))


@router.post(INVITATION + "/revoke", response=InvitationOut, summary="End a link")
def revoke(request: HttpRequest, event: str, invitation: Path[Number]) -> InvitationOut:
    """While it is not accepted."""
    found = organized(request, event)
    actions.revoke(_one(found, invitation), caller(request))
    return InvitationOut.shown(_one(found, invitation))
