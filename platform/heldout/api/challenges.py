"""The API: challenges, what they give to teams, and their boards."""

from typing import Annotated, Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from ninja import Router, Schema, Status
from pydantic import Field

from heldout import files
from heldout.api.auth import BOARD, ORGANIZE, READ
from heldout.api.board_schemas import BoardOut, FinalBoardOut
from heldout.api.finding import CHALLENGE, EVENT, caller, challenge_open_to, organized, unknown
from heldout.api.paging import Listed, whole
from heldout.api.schemas import ChallengeDetailOut, ChallengeOut, FileOut
from heldout.api.words import Slug
from heldout.catalog.actions import append_builtin
from heldout.catalog.models import Challenge
from heldout.catalog.queries import builtin_bundles, builtin_named, challenge_card, challenges_for, given_file
from heldout.events.access import find_event
from heldout.leaderboards.final import final_board, may_see_final
from heldout.leaderboards.rules import rules_of
from heldout.leaderboards.serving import answer, exported
from heldout.leaderboards.tickets import Entry, enter_as

router = Router(auth=READ, tags=["challenges"])
boards = Router(auth=READ, tags=["boards"])


class BundleIn(Schema):
    """The name of a bundle that comes with the site."""

    bundle: Annotated[Slug, Field(examples=["into-the-deep"])]


class AddedOut(Schema):
    """A challenge that was added. It opens after a green self-test."""

    slug: str
    title: str
    position: int


@router.get(EVENT + "/challenges", response=Listed[ChallengeOut], summary="An event's challenges")
def challenges(request: HttpRequest, event: str) -> Listed[ChallengeOut]:
    """In order; locked ones with little more than their title. The list always comes whole."""
    cards = challenges_for(find_event(request.user, event), request.user)
    return whole(ChallengeOut.of(card) for card in cards)


@router.post(
    EVENT + "/challenges",
    response={201: AddedOut},
    auth=ORGANIZE,
    summary="Add a challenge that comes with the site",
)
def add_challenge(request: HttpRequest, event: str, given: BundleIn) -> Status[AddedOut]:
    """At the end of the event, still locked. Bundles of your own are brought and published."""
    found, folder = organized(request, event), builtin_named(given.bundle)
    if folder is None:
        names = ", ".join(each.name for each in builtin_bundles())
        raise unknown("bundle", repr(given.bundle), f"one of {names}")
    made = append_builtin(found, folder, caller(request))
    return Status(201, AddedOut(slug=made.slug, title=made.title, position=made.position))


@router.get(CHALLENGE, response=ChallengeDetailOut, summary="One challenge")
def challenge_detail(request: HttpRequest, event: str, challenge: str) -> ChallengeDetailOut:
    """Its statement in Markdown, and the files that it gives to teams."""
    found = challenge_open_to(request, event, challenge)
    return ChallengeDetailOut.whole(
        challenge_card(found, caller(request)), found.bundle.statement, _files(request, found)
    )


@router.get(
    CHALLENGE + "/files/{name}",
    response=bytes,
    openapi_extra={"x-content": "application/zip"},
    summary="Download a file of a challenge",
)
def challenge_file(request: HttpRequest, event: str, challenge: str, name: str) -> HttpResponseBase:
    """Answers `Range`, so that a download that was cut off goes on where it stopped.

    The ETag is the SHA-256 of the content: send it as `If-Range`, and compare it when all is there.
    """
    found = challenge_open_to(request, event, challenge)
    path = given_file(found)
    if name != _file_name(found) or path is None or not path.exists():
        raise Http404(f"the challenge has no file {name!r}")
    return files.send_asked(
        path, "application/zip", request.headers, digest=path.name, download_as=_file_name(found)
    )


@boards.get(
    CHALLENGE + "/board", response={200: BoardOut, 304: None}, auth=BOARD, summary="A challenge's board"
)
def challenge_board(request: HttpRequest, event: str, challenge: str) -> HttpResponse:
    """Public scores only.

    It is kept ready, and answers 304 to an `If-None-Match` with the ETag of the last answer.
    """
    by = cast(Any, request).auth
    entry = by if isinstance(by, Entry) else enter_as(request.user, event, challenge)
    asked = exported(entry, lambda view: BoardOut.of(view).model_dump_json())
    return answer(request, entry, asked, "application/json; charset=utf-8")


@boards.get(CHALLENGE + "/final", response=FinalBoardOut, summary="A challenge's final board")
def challenge_final_board(request: HttpRequest, event: str, challenge: str) -> FinalBoardOut:
    """Private scores of what counts; there is none for all but organizers until it is published."""
    found = challenge_open_to(request, event, challenge)
    if not may_see_final(request.user, rules_of(found.event)):
        raise Http404("the final boards are not published")
    return FinalBoardOut.of(final_board(found))


def _files(request: HttpRequest, challenge: Challenge) -> list[FileOut]:
    path = given_file(challenge)
    if path is None or not path.exists():
        return []
    name = _file_name(challenge)
    # The same host as the caller's: the token is meant for no other.
    address = reverse("api-1:challenge_file", args=[challenge.event.slug, challenge.slug, name])
    url = request.build_absolute_uri(address)
    return [FileOut(name=name, size=path.stat().st_size, digest=path.name, url=url)]


def _file_name(challenge: Challenge) -> str:
    return f"{challenge.slug}.zip"
