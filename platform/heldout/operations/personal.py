"""Personal data: what the site knows of somebody, and how it forgets.

What a team has handed in is the team's: it stays, of "a former participant".
"""

import json
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from heldout.accounts.models import ApiToken, DeviceLogin, User
from heldout.applications.models import Application
from heldout.audit import actions as audit
from heldout.audit.models import AuditEntry
from heldout.coaching.models import HelpCall
from heldout.events.models import Event, Invitation, Registration, Role, RoleName
from heldout.events.rules import Refusal
from heldout.notices.models import Inquiry
from heldout.teams.models import Approach, Membership, Profile

FORMER = "A former participant"


def known_of(user: User) -> dict[str, Any]:
    """Everything that the site keeps of somebody, by kind; neither passwords nor tokens are in it."""
    applications = Application.objects.filter(email=user.email)
    return {
        "account": _rows(User.objects.filter(pk=user.pk), "email", "name", "date_joined", "last_login"),
        "roles": _rows(user.roles.all(), "event__name", "name", "since", "agreed_at"),
        "teams": _rows(user.memberships.all(), "team__name", "team__event__name", "joined_at"),
        "profiles": _rows(user.profiles.all(), "event__name", "company", "skill", "about", "looks_for_team"),
        "approaches": _rows(user.approaches.all(), "team__name", "kind", "words", "at"),
        "applications": _rows(applications, "event__name", "name", "company", "skill", "state", "agreed_at"),
        "answers": _rows(
            applications.filter(answers__isnull=False),
            "event__name",
            "answers__question__text",
            "answers__text",
        ),
        "registrations": _rows(
            Registration.objects.filter(email=user.email), "session__title", "name", "at", "cancelled_at"
        ),
        "invitations": _rows(
            Invitation.objects.filter(email=user.email), "event__name", "role", "created_at", "accepted_at"
        ),
        "submissions": _rows(
            user.submissions.all(),
            "challenge__title",
            "number",
            "rehearsal",
            "file_name",
            "note",
            "state",
            "created_at",
        ),
        "questions": _rows(Inquiry.objects.filter(author=user), "event__name", "text", "at", "answer"),
        "calls_for_help": _rows(HelpCall.objects.filter(author=user), "challenge__title", "words", "at"),
        "tokens": _rows(user.tokens.all(), "name", "scopes", "created_at", "expires_at", "last_used_at"),
        "done": _rows(AuditEntry.objects.filter(actor=user), "at", "action", "target_label", "reason"),
    }


def _rows(found: "QuerySet[Any]", *fields: str) -> list[dict[str, Any]]:
    return list(found.values(*fields))


@transaction.atomic
def forget(user: User, actor: User | None) -> None:
    """Remove what tells who somebody is, for good; the account signs in no more.

    Raises Refusal for the only organizer of an event, and for whoever runs the site.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    _refuse_the_last_one(user)
    email, name = user.email, user.name
    ApiToken.objects.filter(user=user).delete()
    DeviceLogin.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    Profile.objects.filter(user=user).delete()
    Approach.objects.filter(user=user).delete()
    Membership.objects.filter(user=user).delete()
    Role.objects.filter(user=user).delete()
    Application.objects.filter(email=email).delete()
    Registration.objects.filter(email=email).delete()
    Invitation.objects.filter(email=email).update(email=_address(user))
    user.email, user.name, user.is_active = _address(user), FORMER, False
    user.set_unusable_password()
    user.save()
    _forget_in_audit(email, name)
    audit.write("person.forgotten", user, actor=None if actor == user else actor)
    transaction.on_commit(lambda: _forget_mails(email))


def _address(user: User) -> str:
    return f"former-{user.pk}@removed.invalid"


def _refuse_the_last_one(user: User) -> None:
    if user.is_superuser:
        raise Refusal("This account runs the site.", "Let somebody else run it first, in the administration.")
    organized = Event.objects.filter(roles__user=user, roles__name=RoleName.ORGANIZER)
    for event in organized:
        others = Role.objects.filter(event=event, name=RoleName.ORGANIZER).exclude(user=user)
        if not others.exists():
            raise Refusal(f"You are the only organizer of {event}.", "Invite another organizer first.")


def _forget_in_audit(email: str, name: str) -> None:
    """What was done stays in the log; who it was done to is no longer named."""
    words = [word for word in (email, name) if len(word) > 2]
    for entry in AuditEntry.objects.iterator(chunk_size=500):
        text = json.dumps([entry.target_label, entry.before, entry.after, entry.reason], ensure_ascii=False)
        if not any(word in text for word in words):
            continue
        for word in words:
            text = text.replace(json.dumps(word, ensure_ascii=False)[1:-1], FORMER)
        entry.target_label, entry.before, entry.after, entry.reason = json.loads(text)
        entry.save(update_fields=["target_label", "before", "after", "reason"])


def _forget_mails(email: str) -> None:
    """The outbox of a demo keeps mails as files."""
    for file in Path(settings.OUTBOX).glob("*.eml"):
        if email.encode() in file.read_bytes():
            file.unlink(missing_ok=True)
