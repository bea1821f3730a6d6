"""The words of an event's mails: keeping the organizers' own, and sending with them."""

from collections.abc import Mapping
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.formats import date_format

from heldout.accounts.models import User
from heldout.audit import actions as audit
from heldout.events.models import Event, Wording
from heldout.events.rules import Refusal
from heldout.events.wording_kinds import KINDS
from heldout.events.wording_text import Written, faults, write

BUTTON_STYLE = (
    'style="display:inline-block;padding:12px 22px;background:#0b6b57;color:#fff;'
    'text-decoration:none;border-radius:8px;font-weight:600"'
)
"""Mail knows no style sheets."""


@transaction.atomic
def change_wording(event: Event, name: str, actor: User, *, subject: str, body: str) -> None:
    """Say it so from now on. Raises Refusal, which names the placeholders at fault."""
    Event.objects.select_for_update(no_key=True).get(pk=event.pk)
    wrong = [text for texts in faults(KINDS[name], subject, body).values() for text in texts]
    if wrong:
        raise Refusal("The words were not kept.", "\n".join(wrong))
    before = dict(zip(("subject", "body"), words_of(event, name), strict=True))
    after = {"subject": subject, "body": body}
    kept, _ = Wording.objects.update_or_create(event=event, kind=name, defaults=after)
    audit.write("wording.change", kept, actor=actor, event_slug=event.slug, before=before, after=after)


@transaction.atomic
def reset_wording(event: Event, name: str, actor: User) -> None:
    """Go back to the words at first. Raises Refusal if those are used already."""
    Event.objects.select_for_update(no_key=True).get(pk=event.pk)
    kept = Wording.objects.filter(event=event, kind=name).first()
    if kept is None:
        raise Refusal("This mail has its first words already.", "There is nothing to go back from.")
    before = {"subject": kept.subject, "body": kept.body}
    audit.write("wording.reset", kept, actor=actor, event_slug=event.slug, before=before)
    kept.delete()


def words_of(event: Event, name: str) -> tuple[str, str]:
    """Subject and body: the organizers' own, or those at first."""
    kept = Wording.objects.filter(event=event, kind=name).first()
    return (kept.subject, kept.body) if kept else (KINDS[name].subject, KINDS[name].body)


def example(name: str, subject: str, body: str) -> Written:
    """The mail as somebody made up would get it."""
    return write(KINDS[name], subject, body, KINDS[name].examples)


def compose(event: Event, name: str, to: str, values: Mapping[str, str]) -> EmailMultiAlternatives:
    """The mail to one address, as text and as HTML. `values` come on top of what is known of the event."""
    filled = {"event": event.name, "when": dates_of(event), "where": event.venue, **values}
    written = write(KINDS[name], *words_of(event, name), filled)
    message = EmailMultiAlternatives(subject=written.subject, body=written.text, to=[to])
    frame = render_to_string("mail/frame.html", {"written": written}).replace('class="button"', BUTTON_STYLE)
    message.attach_alternative(frame, "text/html")
    return message


def dates_of(event: Event) -> str:
    """From the first day of the event to its last."""
    return f"{day_of(event, event.starts_at)} to {day_of(event, event.ends_at)}"


def day_of(event: Event, at: datetime) -> str:
    """A day as the venue's calendar has it."""
    return date_format(at.astimezone(event.zone), "j F Y")
