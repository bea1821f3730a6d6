"""Sending one message over the network. Nothing here knows the database."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from heldout.webhooks.addresses import Forbidden, resolved

PATIENCE_SECONDS = 10
"""For all of it: looking up, connecting, and the whole answer."""
EXCERPT = 500


@dataclass(frozen=True)
class Letter:
    """What is sent where."""

    url: str
    body: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What came back; without a code nothing did, and the text says why."""

    code: int | None
    text: str

    @property
    def is_good(self) -> bool:
        """Whether the receiver has it. One that points elsewhere has not."""
        return self.code is not None and 200 <= self.code < 300


def send_all(letters: Sequence[Letter], patience: float = PATIENCE_SECONDS) -> list[Answer]:
    """Send them side by side; the answers in the same order."""

    async def together() -> list[Answer]:
        # One client, for its certificates take a while to read; no connection is used twice.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(trust_env=False, timeout=None, limits=limits) as client:  # noqa: S113
            return list(await asyncio.gather(*(send(client, letter, patience) for letter in letters)))

    return asyncio.run(together())


async def send(client: httpx.AsyncClient, letter: Letter, patience: float) -> Answer:
    """Send one. Whatever goes wrong is an answer too."""
    try:
        async with asyncio.timeout(patience):
            return await _post(client, letter)
    except TimeoutError:
        return Answer(None, f"No answer within {patience:g} seconds.")
    except Forbidden as error:
        return Answer(None, f"Not called: {error}")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Answer(None, f"{type(error).__name__}: {error}"[:EXCERPT])


async def _post(client: httpx.AsyncClient, letter: Letter) -> Answer:
    """To the number that was looked at, under the name that was asked for. No redirect, no proxy."""
    url = httpx.URL(letter.url)
    number = await resolved(url)
    names = {
        "Host": url.netloc.decode(),
        "User-Agent": "Heldout-Webhooks/1",
        "Content-Type": "application/json",
    }
    request = client.build_request(
        "POST",
        url.copy_with(host=number),
        content=letter.body.encode(),
        headers=letter.headers | names,
        extensions={"sni_hostname": url.host},
    )
    response = await client.send(request, stream=True, follow_redirects=False)
    try:
        return Answer(response.status_code, await _beginning(response))
    finally:
        await response.aclose()


async def _beginning(response: httpx.Response) -> str:
    """What it says at first, as text that can be seen. Never unpacked: that might be vast."""
    got = b""
    async for chunk in response.aiter_raw():
        got += chunk
        if len(got) >= EXCERPT:
            break
    text = got[:EXCERPT].decode(errors="replace")
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
