"""What the crowd sends, and how."""

import asyncio
from dataclasses import replace
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any

import httpx
import pytest

from heldout.accounts import tokens
from heldout.accounts.models import Scope
from heldout.rehearsal.crowd import BOUNDARY, PIECES, BrokeOff, Crowd, form, trickle
from heldout.rehearsal.ledger import Ledger
from heldout.rehearsal.plan import HandIn
from heldout.rehearsal.stage import Person, Stage
from heldout.submissions.models import Submission
from tests.heldout.factories import make_team
from tests.heldout.handing_in import make_challenge, member_of

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def hand_in(tmp_path: Path) -> HandIn:
    file = tmp_path / "onnx-1.onnx"
    file.write_bytes(CONTENT)
    return HandIn("tag-1", 0, 0, "calm", file, "good", "broken", day=0, at=0.0)


async def collected(body: bytes, manner: str) -> list[bytes]:
    """What arrives until the end, however it ends."""
    pieces = []
    try:
        async for piece in trickle(body, manner):
            pieces.append(piece)
    except BrokeOff:
        pieces.append(b"!")
    return pieces


def test_a_form_carries_the_file_and_its_note() -> None:
    head = f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + form("m.onnx", CONTENT, "a note"))
    note, file = message.iter_parts()
    assert note.get_content().strip() == "a note"
    assert file.get_filename() == "m.onnx"
    assert file.get_payload(decode=True) == CONTENT


def test_an_upload_that_breaks_off_sends_half() -> None:
    pieces = asyncio.run(collected(CONTENT, "broken"))
    assert pieces.pop() == b"!"
    assert b"".join(pieces) == CONTENT[: len(CONTENT) // 2]


def test_a_body_in_pieces_is_the_whole_body() -> None:
    pieces = asyncio.run(collected(CONTENT, "plain"))
    assert len(pieces) == PIECES
    assert b"".join(pieces) == CONTENT


async def play(crowd: Crowd, hand_in: HandIn) -> None:
    await crowd.play_day([hand_in])
    await crowd.close()


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_broke_off_is_sent_again_and_taken_once(hand_in: HandIn, live_server: Any) -> None:
    challenge = make_challenge()
    team = make_team(challenge.event)
    _, token = tokens.make(member_of(team), "rehearsal", [Scope.READ, Scope.SUBMIT], 1)
    ledger = Ledger()
    stage = Stage(challenge.event.slug, [challenge.slug], [Person(0, 0, token, "")], {})
    asyncio.run(play(Crowd(stage, [live_server.url], ledger), replace(hand_in, challenge=challenge.slug)))
    row = Submission.objects.get()
    [taken] = ledger.accepted.values()
    assert ledger.troubles == {"BrokeOff": 1}
    assert (taken.submission, taken.digest) == (str(row.pk), row.blob_id)
    assert row.note == "tag-1"


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_the_platform_never_takes_is_told(hand_in: HandIn, live_server: Any) -> None:
    ledger = Ledger()
    stage = Stage("event", ["calm"], [Person(0, 0, "no-token", "")], {})
    whole = replace(hand_in, manner="plain")
    asyncio.run(play(Crowd(stage, [live_server.url], ledger), whole))
    [(tag, why)] = ledger.refused
    assert tag == "tag-1"
    assert why.startswith(f"{httpx.codes.UNAUTHORIZED:d}")
    assert ledger.accepted == {}
