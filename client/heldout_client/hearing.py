"""The site's live stream (server-sent events), heard beside the program, which then need not keep asking."""

import random
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx

from heldout_client.api import Site

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 240.0
SILENCE_SECONDS = 40.0
"""The stream says that it is still there every 15 seconds; after so long it is taken to be cut."""
STREAM = "text/event-stream"
ALWAYS = frozenset({"resync", "challenges"})
"""Words that may concern everything: something was missed, or a challenge was opened, closed or frozen."""


class Hearing:
    """Hears of an event's changes while the block lasts. `names`: the words that matter.

    Where no stream comes through it tries again ever less often, and `wait` is but a pause.
    """

    def __init__(self, site: Site, event: str, names: frozenset[str]) -> None:
        self.is_open = False
        self._site, self._names = site, names | ALWAYS
        self._address = f"{site.account.site}/api/v1/events/{event}/live"
        self._last = ""
        self._pause = FIRST_PAUSE
        self._word, self._ended = threading.Event(), threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._ended.set()

    def wait(self, every: float, at_most: float) -> None:
        """Wait for a word, `at_most` so long; without a stream `every` seconds, then it is time to ask."""
        self._word.wait(at_most if self.is_open else every)
        self._word.clear()

    def _listen(self) -> None:
        while not self._ended.is_set():
            # The program asks by itself meanwhile, and says what is wrong.
            with suppress(httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
                self._hear()
            if self.is_open:
                # What came since is not known: ask once, then at every pause.
                self.is_open = False
                self._word.set()
            self._ended.wait(random.uniform(self._pause / 2, self._pause))  # noqa: S311 - no secret
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _hear(self) -> None:
        headers = {"Accept": STREAM, **({"Last-Event-ID": self._last} if self._last else {})}
        with self._site.opened(self._address, headers, silence=SILENCE_SECONDS) as response:
            if not response.is_success or not response.headers.get("content-type", "").startswith(STREAM):
                return
            for line in response.iter_lines():
                if self._ended.is_set():
                    return
                self._take(line)

    def _take(self, line: str) -> None:
        """A line of the stream; the first one says that it comes through."""
        if not self.is_open:
            self.is_open, self._pause = True, FIRST_PAUSE
            self._word.set()
        field, _, value = line.partition(":")
        if field == "id":
            self._last = value.strip()
        elif field == "event" and value.strip() in self._names:
            self._word.set()
