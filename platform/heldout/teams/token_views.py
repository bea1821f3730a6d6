"""A team's tokens: its members make one, see what there is, revoke."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from heldout.events.access import SignedInRequest, event_member
from heldout.events.answers import attempt
from heldout.events.models import Event
from heldout.events.rules import Refusal
from heldout.teams import tokens as rules
from heldout.teams.forms import TeamTokenForm
from heldout.teams.queries import team_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@event_member
def team_tokens(request: SignedInRequest, event: Event) -> HttpResponse:
    """The team's tokens; a new one is shown on the answer to its form, and nowhere else."""
    ours, secret, now = team_of(request.user, event), "", timezone.now()
    if ours is None:
        return redirect("team", event.slug)
    form = TeamTokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _, secret = rules.make(ours, request.user, **form.cleaned_data, now=now)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            form = TeamTokenForm()
    status = 422 if form.errors else 200
    context = {
        "event": event,
        "team": ours,
        "tokens": rules.of_team(ours, now),
        "form": form,
        "secret": secret,
    }
    return render(request, "teams/tokens.html", context, status=status)


@require_POST
@event_member
def revoke_team_token(request: SignedInRequest, event: Event, token: int) -> HttpResponse:
    """End one of the team's tokens."""
    ours = team_of(request.user, event)
    if ours is None:
        raise Http404("only a team has tokens")
    found = get_object_or_404(rules.of_team(ours, timezone.now()), pk=token)
    done = f"The token {found.token.name} works no longer."
    attempt(request, lambda: rules.revoke(ours, found, request.user), done)
    return redirect("team_tokens", event.slug)
