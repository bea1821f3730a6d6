"""A real server on this machine that hears webhooks, and answers as its path says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Heard:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Where it is, and what it has heard. `codes` are its next answers; then all is well."""

    address: str
    heard: list[Heard] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    text: bytes = b"thanks"
    hangs: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = _handler(receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.hangs.set()
        server.shutdown()
        server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.heard.append(Heard(self.path, headers, self.rfile.read(length)))
            {"/hang": self.hang, "/drip": self.drip, "/redirect": self.redirect}.get(self.path, self.say)()

        def say(self) -> None:
            self.send_response(receiver.codes.pop(0) if receiver.codes else 200)
            self.send_header("Content-Length", str(len(receiver.text)))
            self.end_headers()
            self.wfile.write(receiver.text)

        def redirect(self) -> None:
            self.send_response(302)
            self.send_header("Location", f"{receiver.address}/elsewhere")
            self.end_headers()

        def hang(self) -> None:
            receiver.hangs.wait(60)

        def drip(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            with suppress(OSError):
                while not receiver.hangs.wait(0.2):
                    self.wfile.write(b".")

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
