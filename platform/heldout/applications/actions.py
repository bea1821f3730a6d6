"""Every change of applications. Each locks the event, so that its places hold for decisions at once."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from heldout.accounts.models import User
from heldout.applications.mail import Note, send_notes
from heldout.applications.models import Answer, Application, Intake, Question
from heldout.applications.models import ApplicationState as State
from heldout.applications.queries import places_left, waitlist
from heldout.applications.rules import BECOMES, FROM, Decision, is_open
from heldout.audit import actions as audit
from heldout.events.actions import digest, invite_all, lock, revoke
from heldout.events.models import Event, RoleName
from heldout.events.rules import Refusal


@transaction.atomic
def change_intake(event: Event, actor: User, **values: Any) -> Intake:
    """Set how the event takes applications. Raises Refusal if a value is not valid."""
    event = lock(event)
    intake, _ = Intake.objects.get_or_create(event=event)
    before = {name: str(getattr(intake, name)) for name in values}
    for name, value in values.items():
        setattr(intake, name, value)
    try:
        intake.full_clean()
    except ValidationError as error:
        raise Refusal("Nothing was changed.", "\n".join(error.messages)) from error
    intake.save()
    after = {name: str(value) for name, value in values.items()}
    audit.write("intake.change", intake, actor=actor, event_slug=event.slug, before=before, after=after)
    fill_places(event)
    return intake


@transaction.atomic
def ask(event: Event, actor: User, **values: Any) -> Question:
    """Add a question at the end."""
    last = event.questions.aggregate(last=Max("position"))["last"] or 0
    question = Question.objects.create(event=event, position=last + 1, **values)
    audit.write("question.add", question, actor=actor, event_slug=event.slug, after={"text": question.text})
    return question


@transaction.atomic
def change_question(question: Question, actor: User, **values: Any) -> Question:
    """Ask something else from now on. What was answered before stays with the old words."""
    if question.answers.exists():
        stop_asking(question, actor)
        return Question.objects.create(event=question.event, position=question.position, **values)
    before = {name: str(getattr(question, name)) for name in values}
    for name, value in values.items():
        setattr(question, name, value)
    question.save()
    after = {name: str(value) for name, value in values.items()}
    slug = question.event.slug
    audit.write("question.change", question, actor=actor, event_slug=slug, before=before, after=after)
    return question


@transaction.atomic
def stop_asking(question: Question, actor: User) -> None:
    """Take a question off the form. Answers that it has are kept."""
    audit.write("question.remove", question, actor=actor, event_slug=question.event.slug)
    if question.answers.exists():
        Question.objects.filter(pk=question.pk).update(retired_at=timezone.now())
    else:
        question.delete()


@transaction.atomic
def apply(event: Event, answers: Mapping[int, str], *, email: str, **facts: Any) -> None:
    """Take an application; a mail confirms it with a link to see and withdraw it. Raises Refusal.

    Whoever has applied, or takes part already, gets a mail that says so. The page answers the same to all, so
    that it does not tell who has applied. `answers` are by the question's number.
    """
    event, now = lock(event), timezone.now()
    if not is_open(Intake.objects.get(event=event), now):
        raise Refusal("Applications are closed.", "Ask the organizers whether there is still a place.")
    token, email = secrets.token_urlsafe(24), email.lower()
    theirs = Application.objects.filter(event=event, email=email).exclude(state=State.WITHDRAWN).first()
    if theirs is not None:
        Application.objects.filter(pk=theirs.pk).update(token_digest=digest(token))
        _mail([Note(theirs, "again", token)])
        return
    made = Application.objects.create(
        event=event,
        email=email,
        token_digest=digest(token),
        agreed_at=now,
        conduct_digest=digest(event.code_of_conduct),
        **facts,
    )
    Answer.objects.bulk_create(
        Answer(application=made, question_id=number, text=text) for number, text in answers.items() if text
    )
    _mail([Note(made, "received", token)])


def application_of(token: str) -> Application | None:
    """The application whose link has `token`."""
    related = Application.objects.select_related("event", "invitation")
    return related.filter(token_digest=digest(token)).first()


@transaction.atomic
def withdraw(application: Application) -> None:
    """The applicant does not come. Raises Refusal from whoever takes part, or has withdrawn before."""
    event = lock(application.event)
    found = Application.objects.select_related("invitation").get(pk=application.pk)
    if found.state in (State.WITHDRAWN, State.DECLINED):
        raise Refusal("There is nothing to withdraw.", "This application is closed.")
    invitation = found.invitation
    if invitation is not None and invitation.accepted_at is not None:
        raise Refusal("You take part already.", "Ask an organizer to take you out of the event.")
    if invitation is not None and invitation.revoked_at is None:
        revoke(invitation, None)
    _move(found, State.WITHDRAWN, None)
    fill_places(event)


@transaction.atomic
def decide(event: Event, numbers: Collection[int], decision: Decision, actor: User) -> list[Application]:
    """Decide about several applications, all or none of them, and mail their applicants.

    Raises Refusal, which names those that cannot be decided so or are not of this event, or says how many
    places are left.
    """
    event = lock(event)
    chosen = list(Application.objects.filter(event=event, pk__in=numbers).select_related("event"))
    if not numbers:
        raise Refusal("No application is chosen.", "Tick at least one.")
    if foreign := set(numbers) - {one.pk for one in chosen}:
        named = ", ".join(str(number) for number in sorted(foreign))
        raise Refusal("Nothing was decided.", f"This event has no application with the number {named}.")
    wrong = [
        f"{one.name} ({one.get_state_display().lower()})" for one in chosen if one.state not in FROM[decision]
    ]
    if wrong:
        raise Refusal("Nothing was decided.", f"These cannot be decided so: {', '.join(wrong)}.")
    if decision == "accept":
        _refuse_beyond_places(event, len(chosen))
        _invite(event, chosen, actor)
    for one in chosen:
        _move(one, BECOMES[decision], actor)
    if decision in ("waitlist", "decline"):
        _mail([Note(one, "waitlisted" if decision == "waitlist" else "declined") for one in chosen])
    return chosen


@transaction.atomic
def fill_places(event: Event) -> list[Application]:
    """Accept from the waitlist, whoever has waited longest, while there are places. Gives who moved up."""
    event = lock(event)
    left = places_left(event)
    if not left or event.ends_at <= timezone.now():
        return []
    moved = list(waitlist(event)[:left])
    if moved:
        _invite(event, moved, None)
    for one in moved:
        _move(one, State.ACCEPTED, None)
    return moved


@transaction.atomic
def note(application: Application, text: str, actor: User) -> None:
    """Replace the organizers' notes."""
    before = application.notes
    application.notes = text
    application.save(update_fields=["notes"])
    _write("application.note", application, actor, before={"notes": before}, after={"notes": text})


def _invite(event: Event, chosen: Sequence[Application], actor: User | None) -> None:
    """Invite the applicants; who takes part or is invited already is named in the Refusal."""
    letters = invite_all(event, "\n".join(one.email for one in chosen), RoleName.PARTICIPANT, actor)
    by_address = {letter.invitation.email: letter.invitation for letter in letters}
    for one in chosen:
        one.invitation = by_address[one.email]
        one.save(update_fields=["invitation"])


def _refuse_beyond_places(event: Event, number: int) -> None:
    left = places_left(event)
    if left is not None and number > left:
        raise Refusal(
            f"There {'is 1 place' if left == 1 else f'are {left} places'} left, and {number} are chosen.",
            "Choose fewer, put the others on the waitlist, or raise the number of places.",
        )


def _move(application: Application, state: State, actor: User | None) -> None:
    before = application.state
    application.state, application.decided_at, application.decided_by = state, timezone.now(), actor
    application.save(update_fields=["state", "decided_at", "decided_by"])
    action = f"application.{state.value}"
    _write(action, application, actor, before={"state": before}, after={"state": state.value})


def _write(action: str, application: Application, actor: User | None, **facts: Any) -> None:
    audit.write(action, application, actor=actor, event_slug=application.event.slug, **facts)


def _mail(notes: list[Note]) -> None:
    """A post office that is away must not undo what is true, so its failure is logged (`robust`)."""
    transaction.on_commit(lambda: send_notes(notes), robust=True)
