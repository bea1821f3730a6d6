"""Commands that look: `events`, `challenges`, `use`, `submissions`, `logs`."""

from typing import Annotated, Any
from uuid import UUID

import typer

from heldout_client import chosen, completing
from heldout_client.notebook import Challenge, ConnectedSite, connect
from heldout_client.submission import Submission
from heldout_client.terminal import AsJson, give, or_exit, say, screen, table
from heldout_client.words import moment, plain

AnEvent = Annotated[
    str | None,
    typer.Option("--event", "-e", help="The event's short name.", autocompletion=completing.events),
]
AChallenge = Annotated[
    str | None,
    typer.Option(
        "--challenge", "-c", help="The challenge's short name.", autocompletion=completing.challenges
    ),
]


def events(as_json: AsJson = False) -> None:
    """List the events that you take part in."""
    with or_exit():
        found = connect().events()
    rows = [(each.slug, each.name, moment(each.starts_at), moment(each.ends_at)) for each in found]
    heads = ("event", "name", "starts", "ends")
    give([each.to_dict() for each in found], lambda: screen().print(table(heads, rows)), as_json=as_json)
    if not found:
        say("You are in no event yet: an invitation comes by mail.")


def challenges(
    event: Annotated[
        str | None, typer.Argument(help="The event's short name.", autocompletion=completing.events)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List an event's challenges."""
    with or_exit():
        named = chosen.the_event(event)
        found = connect().event(named).challenges()
    rows = [each.cells for each in found]
    shown = table(Challenge.HEADS, rows)
    give([each.to_dict() for each in found], lambda: screen().print(shown), as_json=as_json)


def use(
    event: Annotated[
        str | None, typer.Argument(help="The event's short name.", autocompletion=completing.events)
    ] = None,
    challenge: Annotated[
        str | None, typer.Argument(help="A challenge of it.", autocompletion=completing.challenges)
    ] = None,
    here: Annotated[
        bool, typer.Option("--here", help="For this folder alone: write heldout.toml into it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Choose the event and the challenge that other commands are about; without names, say which they are."""
    with or_exit():
        if event is not None:
            _check(connect(), event, challenge)
            place = (chosen.keep_here if here else chosen.keep)(event, challenge or "")
            say(f"Kept in {place}.")
        now = chosen.found()
    told = {"event": now.event, "challenge": now.challenge, "by": now.by}
    what = " ".join(filter(None, (now.event, now.challenge)))
    words = f"{what}, by {now.by}" if now.event else "Nothing is chosen."
    give(told, lambda: typer.echo(words), as_json=as_json)


def _check(site: ConnectedSite, event: str, challenge: str | None) -> None:
    """Raises LookupError where the event has no such challenge, Refused where you are not in it."""
    slugs = [each.slug for each in site.event(event).challenges()]
    if challenge is not None and challenge not in slugs:
        raise LookupError(f"{event} has no challenge {challenge!r}. It has: {', '.join(slugs)}.")


def submissions(
    event: AnEvent = None,
    challenge: AChallenge = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List what your team has handed in to a challenge, and the tries that are left today."""
    with or_exit():
        named, of = chosen.the_challenge(event, challenge)
        about = connect().event(named).challenge(of)
        found, tries = about.submissions(limit), about.tries()
    heads = ("no.", "handed in", "by", "file", "state", "result", "note")
    shown = table(heads, [_row(each) for each in found])
    give(
        {**tries, "items": [each.to_dict() for each in found]}, lambda: screen().print(shown), as_json=as_json
    )
    left, a_day = tries["tries_left"], tries["tries_per_day"]
    say(f"{left} of {a_day} tries left; new ones come on {moment(tries['resets_at'])}.")


def _row(found: Submission) -> tuple[str, ...]:
    kind = f"{found.number} (rehearsal)" if found.rehearsal else str(found.number)
    result = found.verdict["title"] if found.verdict else found.outcome
    state = f"{found.state}{', best' if found.is_best else ''}"
    return kind, moment(found.created_at), found.author, found.file_name, state, result, found.note


def logs(
    which: Annotated[str, typer.Argument(metavar="ID", help="A submission's id, or its number.")],
    event: AnEvent = None,
    challenge: AChallenge = None,
    as_json: AsJson = False,
) -> None:
    """Print what the run of a submission printed."""
    with or_exit():
        found = submission_called(connect(), which, event, challenge)
        text = found.log()
    words = plain(text.rstrip("\n"))
    give({"id": found.id, "log": text}, lambda: typer.echo(words, nl=bool(words)), as_json=as_json)
    if not text:
        say("There is no log: it has printed nothing, or ran on data that is not for you.")


def submission_called(
    site: ConnectedSite, which: str, event: str | None, challenge: str | None
) -> Submission:
    """The submission with that id, or with that number in the chosen challenge.

    Raises LookupError, NotChosen, Refused or Unreachable.
    """
    if which.isdecimal():
        named, of = chosen.the_challenge(event, challenge)
        return site.event(named).challenge(of).submission(int(which))
    try:
        id_: Any = UUID(which)
    except ValueError:
        raise LookupError(f"{which!r} is no submission's id; expected one, or a number.") from None
    return site.event(chosen.the_event(event)).submission(str(id_))
