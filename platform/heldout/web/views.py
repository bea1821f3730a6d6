"""The pages that look at several rooms at once: home, event, challenge, submission."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from heldout.accounts.models import User
from heldout.catalog.access import find_published
from heldout.catalog.admissions import admission_of
from heldout.catalog.models import Challenge
from heldout.catalog.queries import (
    challenge_page,
    given_file,
    preview_file,
)
from heldout.catalog.showing import showing
from heldout.coaching.queries import opened_hints, raised_hand
from heldout.events.access import SignedInRequest, event_member
from heldout.events.agenda_queries import coming_up
from heldout.events.models import Event, RoleName
from heldout.events.queries import events_of
from heldout.events.rules import may_create_event, role_of
from heldout.leaderboards.final import choosing
from heldout.leaderboards.queries import board
from heldout.submissions.models import Submission
from heldout.submissions.queries import (
    disqualification_of,
    insight_of,
    log_of,
    rescored_note,
    submission_or_none,
    submissions_of,
    workers,
)
from heldout.submissions.rules import closes_for, pauses_of, state_for, tries_left
from heldout.submissions.views import card_context
from heldout.teams.models import Team
from heldout.teams.queries import coached_teams, members, team_of
from heldout.web import contract, queries
from heldout.web.breakdown import costs, own_resolution
from heldout.web.insight import lessons


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Heldout is, to strangers; to people who are signed in, their events."""
    if not isinstance(request.user, User):
        return render(request, "web/landing.html")
    events = events_of(request.user)
    may_create = may_create_event(request.user)
    if len(events) == 1 and not may_create:
        return redirect("event_home", events[0].slug)
    return render(request, "web/home.html", {"events": events, "may_create": may_create})


@require_safe
@event_member
def event_home(request: SignedInRequest, event: Event) -> HttpResponse:
    """What is on now, the challenges, the reader's team, how scoring is doing."""
    now = timezone.now()
    team = team_of(request.user, event)
    cards = queries.home_cards(event, request.user, team)
    context = {
        "event": event,
        "cards": cards,
        "passed": sum(card.passed for card in cards),
        "timeline": queries.timeline(event, cards, now),
        "team": team,
        "members": members(team) if team else [],
        "coached": _coached(request.user, event),
        "coming": coming_up(event, now),
        "workers": workers(),
    }
    return render(request, "web/event_home.html", context)


@require_safe
@event_member
def challenge(request: SignedInRequest, event: Event, challenge: str) -> HttpResponse:
    """A challenge: its brief, its data, what to hand in, where the reader's team stands."""
    found = find_published(event, challenge, request.user)
    if not (way_in := admission_of(request.user, found)).admitted:
        return render(
            request, "catalog/locked.html", {"event": event, "challenge": found, "admission": way_in}
        )
    if request.htmx.target == "locked":
        return HttpResponse(headers={"HX-Refresh": "true"})
    context: dict[str, Any] = {"event": event, "challenge": found, "page": challenge_page(found)}
    if request.htmx.target == "help":
        team = team_of(request.user, event)
        return render(
            request, "coaching/help.html", context | {"team": team, "hand": raised_hand(found, team)}
        )
    context |= _standing(request.user, found)
    if request.htmx:
        return render(request, "catalog/standing.html", context)
    context |= _brief(found)
    context["closes_at"] = closes_for(context["team"], found)
    if team := context["team"]:
        context |= {"submissions": submissions_of(team, found), "may_cancel": True}
        context["hand"] = raised_hand(found, team)
    return render(request, "catalog/challenge.html", context)


def _standing(user: User, challenge: Challenge) -> dict[str, Any]:
    """What changes on the page with each score: the board, the reader's place on it, the tries left."""
    team, standings = team_of(user, challenge.event), board(challenge, user)
    return {
        "state": state_for(team, challenge, timezone.now()),
        "pauses": pauses_of(challenge),
        "board": standings,
        "top": queries.top_rows(standings),
        "mine": queries.my_row(standings),
        "coached": queries.coached_on(standings, _coached(user, challenge.event)),
        "team": team,
        "tries": tries_left(team, challenge, timezone.now()) if team else None,
        **vars(showing(challenge, team)),
        "hints": opened_hints(challenge, team),
    }


def _coached(user: User, event: Event) -> list[Team]:
    """The teams of a coach; nothing for who was one and has another role now."""
    return coached_teams(user, event) if role_of(user, event) == RoleName.COACH else []


def _brief(challenge: Challenge) -> dict[str, object]:
    """What the page says of the challenge and of handing in."""
    given = given_file(challenge)
    manifest = challenge.bundle.manifest
    suffixes = contract.suffixes(manifest)
    return {
        "has_preview": preview_file(challenge) is not None,
        "given_size": given.stat().st_size if given and given.exists() else None,
        "suffixes": ",".join(suffixes),
        "suffixes_text": " ".join(suffixes),
        "max_bytes": manifest.limits.artefact_mb * 2**20,
        "contract": contract.contract(manifest),
        "needs_gpu": queries.needs_gpu(manifest, workers()),
    }


@require_safe
@event_member
def submission(request: SignedInRequest, event: Event, submission: UUID) -> HttpResponse:
    """A submission's page; for htmx its card in a list, or with `?full` all of the page that changes.

    `?live` gives the card as it is put into a list, where it renews itself.
    """
    found = submission_or_none(event, submission, request.user)
    if found is None:
        raise Http404(f"no submission {submission} for this viewer")
    context = card_context(request, found)
    if request.htmx and "full" not in request.GET:
        card = "submissions/live_card.html" if "live" in request.GET else "submissions/card.html"
        return render(request, card, context)
    context["comparison"] = queries.comparison(found.challenge, context["row"])
    context["disqualified"] = disqualification_of(found)
    context["choosing"] = choosing(found, request.user)
    context["log"] = log_of(found, request.user)
    context["rescored"] = rescored_note(found)
    context |= _learned(found, request.user)
    template = "submissions/whole.html" if request.htmx else "submissions/submission.html"
    return render(request, template, context)


def _learned(submission: Submission, user: User) -> dict[str, Any]:
    """What there is to learn from a submission, in three sections."""
    found, task = insight_of(submission, user), submission.challenge.bundle.manifest.task
    return {
        "insight": lessons(found, task),
        "changes": found.changes if found else None,
        "costs": costs(found.breakdown if found else None, own_resolution(task)),
    }
