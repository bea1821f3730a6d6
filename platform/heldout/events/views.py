from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from heldout.accounts.models import User
from heldout.accounts.signin import sign_in
from heldout.events import actions
from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.answers import attempt
from heldout.events.forms import EventForm, InviteForm, NewcomerForm
from heldout.events.models import Event, Invitation, RoleName
from heldout.events.queries import invitations_of
from heldout.events.rules import Refusal, may_create_event
from heldout.markdown import to_html


@login_required
def event_new(request: SignedInRequest) -> HttpResponse:
    """Create an event. 404 for people who may not."""
    if not may_create_event(request.user):
        raise Http404("only staff and organizers create events")
    form = EventForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            event = actions.create_event(actor=request.user, **form.values())
        except Refusal as refusal:
            form.add_error(None, refusal.text)
        else:
            messages.success(request, f"{event.name} is ready. Invite its people next.")
            return redirect("invitations", event.slug)
    return render(request, "events/event_new.html", {"form": form})


@event_organizer
def invitations(request: SignedInRequest, event: Event) -> HttpResponse:
    """Whom the event has invited, and a form to invite more."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        addresses, role = form.cleaned_data["addresses"], RoleName(form.cleaned_data["role"])
        try:
            letters = actions.invite_all(event, addresses, role, request.user)
        except Refusal as refusal:
            form.add_error("addresses", [refusal.subject, *refusal.text.splitlines()])
        else:
            messages.success(request, f"Invited: {', '.join(letter.invitation.email for letter in letters)}.")
            return redirect("invitations", event.slug)
    context = {"event": event, "form": form, "invitations": invitations_of(event, timezone.now())}
    return render(request, "events/invitations.html", context)


@require_POST
@event_organizer
def resend_invitation(request: SignedInRequest, event: Event, invitation: int) -> HttpResponse:
    """Send a fresh link."""
    found = get_object_or_404(Invitation, pk=invitation, event=event)
    attempt(
        request,
        lambda: actions.resend(found, request.user),
        f"A new link is on its way to {found.email}. The old one no longer works.",
    )
    return redirect("invitations", event.slug)


@require_POST
@event_organizer
def revoke_invitation(request: SignedInRequest, event: Event, invitation: int) -> HttpResponse:
    """End a link."""
    found = get_object_or_404(Invitation, pk=invitation, event=event)
    attempt(
        request,
        lambda: actions.revoke(found, request.user),
        f"The link sent to {found.email} no longer works.",
    )
    return redirect("invitations", event.slug)


@never_cache
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link of an invitation leads. What it shows depends on who has opened it."""
    try:
        invitation = actions.open_invitation(token)
        return _answer(request, token, invitation)
    except Refusal as refusal:
        return _refused(request, token, refusal)


def _answer(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    context = _about(request, invitation)
    if request.user.is_authenticated:
        return _answer_signed_in(request, token, invitation, request.user)
    if User.objects.filter(email=invitation.email).exists():
        return render(request, "events/invitation_sign_in.html", context)
    form = NewcomerForm(invitation.email, request.POST or None)
    if request.method == "POST" and form.is_valid():
        role = actions.accept_as_new(token, form.cleaned_data["name"], form.cleaned_data["password"] or None)
        return sign_in(request, role.user, reverse("event_home", args=[invitation.event.slug]))
    return render(request, "events/invitation_newcomer.html", context | {"form": form})


def _answer_signed_in(request: HttpRequest, token: str, invitation: Invitation, user: User) -> HttpResponse:
    context = _about(request, invitation)
    if user.email != invitation.email:
        return render(request, "events/invitation_other.html", context, status=403)
    if request.method != "POST":
        return render(request, "events/invitation.html", context)
    actions.accept(token, user)
    messages.success(request, f"Welcome to {invitation.event.name}.")
    return redirect("event_home", invitation.event.slug)


def _about(request: HttpRequest, invitation: Invitation) -> dict[str, object]:
    event = invitation.event
    return {
        "invitation": invitation,
        "event": event,
        "here": request.path,
        "conduct": to_html(event.code_of_conduct),
    }


def _refused(request: HttpRequest, token: str, refusal: Refusal) -> HttpResponse:
    """Say why; but whoever opens the link that they have used goes to the event."""
    used = Invitation.objects.filter(token_digest=actions.digest(token)).select_related("event").first()
    if used and request.user.is_authenticated and used.accepted_by == request.user:
        return redirect("event_home", used.event.slug)
    return render(request, "events/invitation_refused.html", {"refusal": refusal}, status=410)
