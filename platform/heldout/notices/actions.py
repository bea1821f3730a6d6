"""Every change of announcements and questions; open pages hear of each within the second."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.broadcast import publish_on_commit
from heldout.catalog.models import Challenge
from heldout.events.models import Event
from heldout.events.rules import Refusal, is_organizer
from heldout.notices.mail import send_announcement
from heldout.notices.models import Announcement, Inquiry, Reading
from heldout.notices.rules import may_answer
from heldout.teams.models import Team
from heldout.teams.rules import is_member

MOST_OPEN = 10
"""Questions of one team that wait for an answer."""


@transaction.atomic
def announce(event: Event, actor: User, *, by_mail: bool = False, **values: Any) -> Announcement:
    """Tell the people of an event something; with `by_mail` also by mail, once it is committed."""
    made = Announcement.objects.create(event=event, by=actor, **values)
    audit.write("announced", made, actor=actor, event_slug=event.slug, after={"title": made.title})
    if by_mail:
        transaction.on_commit(lambda: send_announcement(made), robust=True)
    _tell(event)
    return made


@transaction.atomic
def edit(announcement: Announcement, actor: User, **values: Any) -> None:
    """Change an announcement; readers see that it was edited."""
    before = {name: str(getattr(announcement, name)) for name in values}
    for name, value in values.items():
        setattr(announcement, name, value)
    announcement.edited_at = timezone.now()
    announcement.save()
    after = {name: str(value) for name, value in values.items()}
    slug = announcement.event.slug
    audit.write("announcement.edited", announcement, actor=actor, event_slug=slug, before=before, after=after)
    _tell(announcement.event)


@transaction.atomic
def withdraw(announcement: Announcement, actor: User) -> None:
    """Take it off the page. Raises Refusal when that was done."""
    still = Announcement.objects.filter(pk=announcement.pk, withdrawn_at=None)
    if not still.update(withdrawn_at=timezone.now()):
        raise Refusal("It is withdrawn already.", "Reload the page.")
    audit.write("announcement.withdrawn", announcement, actor=actor, event_slug=announcement.event.slug)
    _tell(announcement.event)


@transaction.atomic
def inquire(
    event: Event, team: Team, author: User, text: str, *, challenge: Challenge | None, is_public: bool
) -> Inquiry:
    """Ask the organizers and coaches something. Raises Refusal."""
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    if not is_member(author, team):
        raise Refusal("You are in no team of this event.", "Join a team, then ask for it.")
    if Inquiry.objects.filter(team=team, answered_at=None).count() >= MOST_OPEN:
        raise Refusal(f"{MOST_OPEN} of your questions wait already.", "Speak to your coach, or raise a hand.")
    made = Inquiry.objects.create(
        event=event, team=team, author=author, text=text, challenge=challenge, is_public=is_public
    )
    _tell(event, None if is_public else team)
    return made


@transaction.atomic
def answer(inquiry: Inquiry, text: str, actor: User) -> None:
    """Answer a question, or replace the answer. Raises Refusal from who may not."""
    if not may_answer(actor, inquiry):
        raise Refusal("You may not answer this one.", "Organizers and the team's coach do.")
    slug, before, after = inquiry.event.slug, {"answer": inquiry.answer}, {"answer": text}
    inquiry.answer, inquiry.answered_by, inquiry.answered_at = text, actor, timezone.now()
    inquiry.save(update_fields=["answer", "answered_by", "answered_at"])
    audit.write("answered", inquiry, actor=actor, event_slug=slug, before=before, after=after)
    _tell(inquiry.event, None if inquiry.is_public else inquiry.team)


@transaction.atomic
def set_public(inquiry: Inquiry, is_public: bool, actor: User) -> None:
    """Let everybody read a question, without the team's name, or its team alone. Organizers only."""
    if not is_organizer(actor, inquiry.event):
        raise Refusal("Only organizers may do that.", f"Ask an organizer of {inquiry.event}.")
    Inquiry.objects.filter(pk=inquiry.pk).update(is_public=is_public)
    action = "question.published" if is_public else "question.hidden"
    audit.write(action, inquiry, actor=actor, event_slug=inquiry.event.slug)
    _tell(inquiry.event)


def mark_read(event: Event, user: User) -> None:
    """`user` has seen what there is."""
    Reading.objects.update_or_create(event=event, user=user, defaults={"until": timezone.now()})


def _tell(event: Event, team: Team | None = None) -> None:
    publish_on_commit("notice", event=event.pk, team=team.pk if team else None)
