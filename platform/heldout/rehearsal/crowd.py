"""The teams: each hands in its files when their time has come, through the API, and never loses patience.

A team has at most so many submissions on their way at once, as people wait for a result before the next try.
An upload whose answer is lost is looked for by its note before it is sent again.
"""

import asyncio
import hashlib
import itertools
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx

from heldout.rehearsal.ledger import Ledger
from heldout.rehearsal.plan import HandIn
from heldout.rehearsal.stage import Stage

AT_ONCE = 2
"""A team's submissions on their way at once."""
TRIES = 200
PAUSE_SECONDS = 1.0
LOOK_SECONDS = 0.1
PIECES = 8
SLOW_SECONDS = 8.0
BOUNDARY = "rehearsal-1f2e3d4c5b6a"


class BrokeOff(Exception):
    """The sender went away in the middle of the upload."""


class Crowd:
    """Everybody who hands in."""

    def __init__(self, stage: Stage, addresses: list[str], ledger: Ledger) -> None:
        self.stage, self.ledger = stage, ledger
        self._addresses = itertools.cycle(addresses)
        self._rng = random.Random(7)  # noqa: S311 - who is how patient, not a secret
        self._client = httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=100))

    async def play_day(self, hand_ins: list[HandIn]) -> None:
        """Hand in everything of one day."""
        began = self.ledger.now
        teams: dict[int, list[HandIn]] = {}
        for hand_in in hand_ins:
            teams.setdefault(hand_in.team, []).append(hand_in)
        await asyncio.gather(*(self._play(team, began, mine) for team, mine in teams.items()))

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def _play(self, team: int, began: float, hand_ins: list[HandIn]) -> None:
        sending: set[asyncio.Task[None]] = set()
        for hand_in in hand_ins:
            await asyncio.sleep(max(0.0, began + hand_in.at - self.ledger.now))
            while len(sending) + self.ledger.open_of(team) >= AT_ONCE:
                await asyncio.sleep(LOOK_SECONDS)
                sending = {task for task in sending if not task.done()}
            sending.add(asyncio.create_task(self._hand_in(hand_in)))
        await asyncio.gather(*sending)

    async def _hand_in(self, hand_in: HandIn) -> None:
        content = hand_in.file.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        manner: str = hand_in.manner
        for number in range(TRIES):
            try:
                answer = await self._send(hand_in, content, manner, f"{hand_in.tag}-{number}")
            except (httpx.HTTPError, BrokeOff) as error:
                self.ledger.trouble(type(error).__name__)
                manner = "plain"
                if await self._found(hand_in, digest):
                    return
                continue
            if answer.status_code == httpx.codes.CREATED:
                self.ledger.accept(hand_in, answer.json(), digest, by_look=False)
                return
            if not _passes(answer):
                self.ledger.refuse(hand_in, f"{answer.status_code}: {answer.text[:200]}")
                return
            self.ledger.trouble(f"status {answer.status_code}")
            await self._pause(answer)
            if answer.is_server_error and await self._found(hand_in, digest):
                return
        self.ledger.refuse(hand_in, f"not taken in {TRIES} tries")

    async def _pause(self, answer: httpx.Response | None = None) -> None:
        asked = answer.headers.get("Retry-After", "") if answer is not None else ""
        await asyncio.sleep(float(asked) if asked.isdigit() else PAUSE_SECONDS * self._rng.uniform(0.5, 1.5))

    async def _send(self, hand_in: HandIn, content: bytes, manner: str, key: str) -> httpx.Response:
        body = form(hand_in.file.name, content, hand_in.tag)
        headers = {
            **self._authorization(hand_in),
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(body)),
            # Another one each time: it is sent again only when it was looked for and is not there.
            "Idempotency-Key": key,
        }
        sent: bytes | AsyncIterator[bytes] = body if manner == "plain" else trickle(body, manner)
        return await self._client.post(self._submissions(hand_in), headers=headers, content=sent)

    async def _found(self, hand_in: HandIn, digest: str) -> bool:
        """Whether the platform has it, although its answer was lost. Asks until it gets an answer."""
        while True:
            await self._pause()
            try:
                row = await self._look_for(hand_in)
            except httpx.HTTPError as error:
                self.ledger.trouble(f"{type(error).__name__} while looking")
                continue
            if row is not None:
                self.ledger.accept(hand_in, row, digest, by_look=True)
            return row is not None

    async def _look_for(self, hand_in: HandIn) -> dict[str, Any] | None:
        """The submission with the note of this hand-in. Raises `httpx.HTTPError`."""
        cursor: str | None = None
        while True:
            page: dict[str, str | int] = {"limit": 100, **({"cursor": cursor} if cursor else {})}
            answer = await self._client.get(
                self._submissions(hand_in), headers=self._authorization(hand_in), params=page
            )
            answer.raise_for_status()
            told: dict[str, Any] = answer.json()
            rows: list[dict[str, Any]] = told.get("items") or told.get("submissions") or []
            found = next((row for row in rows if row["note"] == hand_in.tag), None)
            cursor = told.get("next")
            if found is not None or not cursor:
                return found

    def _authorization(self, hand_in: HandIn) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.stage.people[hand_in.person].token}"}

    def _submissions(self, hand_in: HandIn) -> str:
        where = f"/api/v1/events/{self.stage.event}/challenges/{hand_in.challenge}/submissions"
        return next(self._addresses) + where


def _passes(answer: httpx.Response) -> bool:
    """Whether the same request may be taken later: the platform is away, busy, or asks to wait."""
    waits = answer.status_code in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.CONFLICT)
    return waits or answer.is_server_error


def form(name: str, content: bytes, note: str) -> bytes:
    """A file and its note as a browser's form would send them."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\n{note}\r\n'.encode(),
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="artefact"; filename="{name}"\r\n'.encode(),
        b"Content-Type: application/octet-stream\r\n\r\n",
        content,
        f"\r\n--{BOUNDARY}--\r\n".encode(),
    ]
    return b"".join(parts)


async def trickle(body: bytes, manner: str) -> AsyncIterator[bytes]:
    """The body in pieces with long pauses; with `broken` the sender goes away after half of them."""
    size = -(-len(body) // PIECES)
    for number in range(PIECES):
        if manner == "broken" and number == PIECES // 2:
            raise BrokeOff
        yield body[number * size : (number + 1) * size]
        if manner == "slow":
            await asyncio.sleep(SLOW_SECONDS / PIECES)
