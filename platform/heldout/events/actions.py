"""Every change of events, roles and invitations. Each is one transaction and writes the audit log."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from heldout.accounts.actions import create_account, mark_verified
from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.events.addresses import read_addresses, refuse_faults
from heldout.events.mail import Letter, send_invitations
from heldout.events.models import Event, Invitation, Role, RoleName
from heldout.events.rules import Refusal, state_of
from heldout.events.signals import invitation_accepted

INVITATION_LASTS = timedelta(days=14)


@transaction.atomic
def create_event(
    *, actor: User, name: str, slug: str, starts_at: datetime, ends_at: datetime, **optional: Any
) -> Event:
    """Open an event with `actor` as its organizer; `optional` are further fields of Event.

    Raises Refusal if a value is not valid or the slug is taken.
    """
    event = Event(name=name, slug=slug, starts_at=starts_at, ends_at=ends_at, **optional)
    _refuse_invalid(event, "The event was not created.")
    event.save()
    _give_role(event, actor, RoleName.ORGANIZER)
    audit.write("event.create", event, actor=actor, event_slug=slug, after={"name": name})
    return event


@transaction.atomic
def change_event(event: Event, *, actor: User, **values: Any) -> None:
    """Set fields of an event. Raises Refusal if a value is not valid."""
    event = lock(event)
    before = {name: str(getattr(event, name)) for name in values}
    for name, value in values.items():
        setattr(event, name, value)
    _refuse_invalid(event, "The event was not changed.")
    event.save(update_fields=list(values))
    after = {name: str(value) for name, value in values.items()}
    audit.write("event.change", event, actor=actor, event_slug=event.slug, before=before, after=after)


def invite(event: Event, email: str, role: RoleName, actor: User | None) -> tuple[Invitation, str]:
    """Invite one address; returns the token of the link, which is kept nowhere. Raises Refusal."""
    letter = invite_all(event, email, role, actor)[0]
    return letter.invitation, letter.token


@transaction.atomic
def invite_all(event: Event, addresses: str, role: RoleName, actor: User | None) -> list[Letter]:
    """Invite every address in the text, or none of them; mails go once that is committed.

    Raises Refusal, which names the lines at fault.
    """
    lock(event)
    lines = read_addresses(addresses)
    refuse_faults(_known_people(event, lines))
    letters = [_new_invitation(event, email, role, actor) for email in lines]
    _mail_after_commit(letters)
    return letters


@transaction.atomic
def resend(invitation: Invitation, actor: User) -> str:
    """Send a fresh link, which ends the old one; returns its token.

    Raises Refusal if the invitation was accepted or revoked.
    """
    token = secrets.token_urlsafe(32)
    fresh = {
        "token_digest": digest(token),
        "expires_at": timezone.now() + INVITATION_LASTS,
        "mailed_at": None,
    }
    _change_open(invitation, **fresh)
    _write("invitation.resend", invitation, actor)
    _mail_after_commit([Letter(invitation, token)])
    return token


@transaction.atomic
def revoke(invitation: Invitation, actor: User | None) -> None:
    """End the link. Raises Refusal if the invitation was accepted or revoked before."""
    _change_open(invitation, revoked_at=timezone.now())
    _write("invitation.revoke", invitation, actor)


def open_invitation(token: str) -> Invitation:
    """The invitation whose link has `token`. Raises Refusal unless it can be accepted now."""
    found = Invitation.objects.filter(token_digest=digest(token)).select_related("event").first()
    if found is None:
        raise Refusal(
            "This link leads nowhere.",
            "It may be incomplete, or a newer mail has replaced it: open the newest invitation you got.",
        )
    _refuse_closed(found, timezone.now())
    return found


@transaction.atomic
def accept(token: str, user: User) -> Role:
    """Give the invited `user` the role. Works once: of several at the same time one gets it.

    Raises Refusal if the link is not good any more, or if it was sent to somebody else.
    """
    invitation = open_invitation(token)
    if user.email != invitation.email:
        raise Refusal(
            "This invitation is for somebody else.",
            f"It was sent to {invitation.email}. Sign out, then open the link again.",
        )
    mark_verified(user)
    return _take(invitation, user)


@transaction.atomic
def accept_as_new(token: str, name: str, password: str | None = None) -> Role:
    """Open an account for the invited address and give it the role. Raises Refusal as `accept` does."""
    invitation = open_invitation(token)
    try:
        with transaction.atomic():
            user = create_account(invitation.email, name, password)
    except IntegrityError as error:
        raise Refusal(
            "You have an account already.", f"Sign in as {invitation.email}, then open the link again."
        ) from error
    return _take(invitation, user)


def digest(token: str) -> str:
    """What is kept of a token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def lock(event: Event) -> Event:
    """`event` as it is now; other changes of its people and teams wait until this transaction ends."""
    return Event.objects.select_for_update(no_key=True).get(pk=event.pk)


def _refuse_invalid(event: Event, subject: str) -> None:
    try:
        event.full_clean()
    except ValidationError as error:
        raise Refusal(subject, "\n".join(error.messages)) from error


def _known_people(event: Event, lines: dict[str, int]) -> list[str]:
    """A sentence for each address that has a role or an open invitation already."""
    roles = Role.objects.filter(event=event, user__email__in=lines).select_related("user")
    invitations = Invitation.objects.filter(event=event, email__in=lines, accepted_at=None, revoked_at=None)
    known = {role.user.email: f"has a role already ({role.get_name_display().lower()})" for role in roles}
    for invitation in invitations:
        known[invitation.email] = "is invited already: resend that invitation, or revoke it first"
    return [f"Line {number}: {email} {known[email]}." for email, number in lines.items() if email in known]


def _new_invitation(event: Event, email: str, role: RoleName, actor: User | None) -> Letter:
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        event=event,
        email=email,
        role=role,
        token_digest=digest(token),
        invited_by=actor,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    _write("invitation.create", invitation, actor, after={"email": email, "role": role})
    return Letter(invitation, token)


def _mail_after_commit(letters: Sequence[Letter]) -> None:
    """A post office that is away must not undo what is true, so its failure is logged (`robust`)."""
    transaction.on_commit(lambda: send_invitations(letters), robust=True)


def _change_open(invitation: Invitation, **values: Any) -> None:
    """Change an invitation that is neither accepted nor revoked; compare-and-set, or Refusal."""
    still_open = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    changed = still_open.update(**values)
    invitation.refresh_from_db()
    if not changed:
        _refuse_closed(invitation, timezone.now())


def _refuse_closed(invitation: Invitation, now: datetime) -> None:
    reasons = {
        "accepted": ("This invitation was accepted.", "It works once. Sign in to go to the event."),
        "revoked": ("This invitation was withdrawn.", "Ask an organizer of the event for a new one."),
        "expired": ("This invitation has expired.", "Ask an organizer of the event to resend it."),
    }
    state = state_of(invitation, now)
    if state in reasons:
        raise Refusal(*reasons[state])


def _take(invitation: Invitation, user: User) -> Role:
    now = timezone.now()
    usable = Invitation.objects.filter(
        pk=invitation.pk,
        token_digest=invitation.token_digest,
        accepted_at=None,
        revoked_at=None,
        expires_at__gt=now,
    )
    if not usable.update(accepted_at=now, accepted_by=user):
        raise Refusal("This invitation was accepted or withdrawn just now.", "Reload the page.")
    role = _give_role(invitation.event, user, RoleName(invitation.role))
    if conduct := invitation.event.code_of_conduct:
        Role.objects.filter(pk=role.pk).update(agreed_at=now, conduct_digest=digest(conduct))
    _write("invitation.accept", invitation, user, after={"role": role.name})
    invitation_accepted.send(Invitation, invitation=invitation, user=user)
    return role


def _give_role(event: Event, user: User, name: RoleName) -> Role:
    role, is_new = Role.objects.get_or_create(event=event, user=user, defaults={"name": name})
    if not is_new:
        raise Refusal(
            f"You are {role.get_name_display().lower()} of this event already.",
            "One person has one role in an event. For another one, be invited at another address.",
        )
    return role


def _write(
    action: str, invitation: Invitation, actor: User | None, after: dict[str, Any] | None = None
) -> None:
    audit.write(action, invitation, actor=actor, event_slug=invitation.event.slug, after=after)
