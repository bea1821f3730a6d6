"""The organizers' pages on the words of an event's mails."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from heldout.events import wording
from heldout.events.access import SignedInRequest, event_organizer
from heldout.events.answers import attempt
from heldout.events.forms import WordingForm
from heldout.events.models import Event, Wording
from heldout.events.rules import Refusal
from heldout.events.wording_kinds import KINDS, WordingKind


@require_safe
@event_organizer
def wordings(request: SignedInRequest, event: Event) -> HttpResponse:
    """Every mail that the event sends."""
    changed = set(Wording.objects.filter(event=event).values_list("kind", flat=True))
    rows = [(kind, kind.name in changed) for kind in KINDS.values()]
    return render(request, "events/wordings.html", {"event": event, "rows": rows})


@event_organizer
def wording_edit(request: SignedInRequest, event: Event, kind: str) -> HttpResponse:
    """Change a mail's words. The preview shows what is typed; only saving keeps it."""
    found = _kind(kind)
    subject, body = wording.words_of(event, kind)
    typed = request.POST if request.method == "POST" else None
    form = WordingForm(found, typed, initial={"subject": subject, "body": body})
    if form.is_valid() and "preview" not in request.POST:
        try:
            wording.change_wording(event, kind, request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, f"{refusal.subject} {refusal.text}")
        else:
            messages.success(request, f"{found.label}: it is said so from now on.")
            return redirect("wordings", event.slug)
    if form.is_valid():
        subject, body = form.cleaned_data["subject"], form.cleaned_data["body"]
    context = {
        "event": event,
        "kind": found,
        "form": form,
        "preview": None if form.errors else wording.example(kind, subject, body),
        "is_changed": Wording.objects.filter(event=event, kind=kind).exists(),
    }
    return render(request, "events/wording.html", context, status=422 if form.errors else 200)


@require_POST
@event_organizer
def wording_reset(request: SignedInRequest, event: Event, kind: str) -> HttpResponse:
    """Go back to a mail's first words."""
    found = _kind(kind)
    attempt(
        request,
        lambda: wording.reset_wording(event, kind, request.user),
        f"{found.label}: it has its first words again.",
    )
    return redirect("wording_edit", event.slug, kind)


def _kind(name: str) -> WordingKind:
    if name not in KINDS:
        raise Http404(f"no mail is called {name!r}")
    return KINDS[name]
