"""A way to the real site that fails as networks do: busy, cut in the middle, an answer that is lost."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import httpx

PASSED_ON = {
    "authorization", "content-type", "range", "if-range", "if-none-match", "idempotency-key",
    "accept-encoding", "host",
    "tus-resumable", "upload-length", "upload-offset", "upload-metadata", "upload-checksum",
}  # fmt: skip
PASSED_BACK = (
    "location",
    "upload-offset",
    "upload-length",
    "tus-resumable",
    "content-type",
    "content-range",
    "etag",
    "accept-ranges",
    "retry-after",
)


@dataclass(frozen=True)
class Fault:
    """What happens to one request. `busy`: answered with `status`, and `retry_after`; `cut`: only so many
    bytes of the answer come through; `lost`: the site has done what was asked, and its answer is lost."""

    kind: Literal["busy", "cut", "lost"]
    status: int = 503
    retry_after: str = "0"
    after: int = 0


@dataclass
class Way:
    """Its address, the faults that are ahead, and what was asked, in order."""

    address: str = ""
    ahead: deque[Fault] = field(default_factory=deque)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def unsteady(site: str) -> Iterator[Way]:
    """A proxy before `site`."""
    way = Way()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _pass(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            way.asked.append((self.command, self.path, headers))
            fault = way.ahead.popleft() if way.ahead else None
            if fault is not None and fault.kind == "busy":
                self._answer(fault.status, {"retry-after": fault.retry_after}, b"busy")
                return
            kept = {name: value for name, value in headers.items() if name in PASSED_ON}
            told = httpx.request(self.command, site + self.path, headers=kept, content=body, timeout=60)
            if fault is not None and fault.kind == "lost":
                self.close_connection = True
                return
            back = {name: value for name, value in told.headers.items() if name in PASSED_BACK}
            self._answer(told.status_code, back, told.content, fault.after if fault else None)

        def _answer(self, status: int, headers: dict[str, str], body: bytes, only: int | None = None) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:only])
            self.close_connection = True

        do_GET = do_POST = do_HEAD = do_PATCH = do_DELETE = do_OPTIONS = _pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    way.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield way
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
