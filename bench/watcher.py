"""A page that is open and listens: one connection to the live channel, in a thread."""

import threading
import time
from typing import Self

import httpx

PATIENCE_SECONDS = 60


class Watcher:
    """Hears one kind of event and remembers when it last came, in seconds since the epoch."""

    def __init__(self, session: httpx.Client, path: str, event: str) -> None:
        self.event = event
        self.heard_at = 0.0
        self._heard = threading.Event()
        self._connected = threading.Event()
        self._closed = False
        threading.Thread(target=self._listen, args=(session, path), daemon=True).start()
        if not self._connected.wait(PATIENCE_SECONDS):
            raise SystemExit(f"{path} did not answer")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The page is closed: from now on the connection may end as it likes."""
        self._closed = True

    def _listen(self, session: httpx.Client, path: str) -> None:
        try:
            self._hear(session, path)
        except httpx.TransportError:
            if not self._closed:
                raise

    def _hear(self, session: httpx.Client, path: str) -> None:
        with session.stream("GET", path, timeout=None) as stream:
            stream.raise_for_status()
            self._connected.set()
            for line in stream.iter_lines():
                if line == f"event: {self.event}":
                    self.heard_at = time.time()
                    self._heard.set()

    def clear(self) -> None:
        """Forget what was heard."""
        self._heard.clear()

    def wait(self) -> float:
        """When the event came, if it has; else wait for it."""
        if not self._heard.wait(PATIENCE_SECONDS):
            raise SystemExit(f"no {self.event} within {PATIENCE_SECONDS} s")
        return self.heard_at
