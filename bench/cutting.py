"""A TCP proxy that cuts connections: when so many bytes have passed, the sender is reset.

What passed before reaches the other side, so that it can be seen whether it is kept.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PIECE_BYTES = 64 * 1024
RESET = struct.pack("ii", 1, 0)


class CuttingProxy:
    """Passes bytes to a port of this machine and cuts at each of `cuts`, counted over all connections."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        self.target, self._cuts = port, sorted(cuts)
        self.passed = self.made = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        """Accept connections until the listener is closed."""
        while True:
            try:
                sender, _ = self._listener.accept()
            except OSError:
                return
            try:
                site = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                sender.close()
                continue
            for source, target, counted in ((sender, site, True), (site, sender, False)):
                threading.Thread(target=self._pass, args=(source, target, counted), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        try:
            while piece := source.recv(PIECE_BYTES):
                target.sendall(piece)
                if counted and self._is_due(len(piece)):
                    break
        except OSError:
            pass
        sender, site = (source, target) if counted else (target, source)
        _end(sender, reset=True)
        _end(site, reset=False)

    def _is_due(self, size: int) -> bool:
        """Whether these bytes are the ones at which to cut."""
        with self._lock:
            self.passed += size
            if not self._cuts or self.passed < self._cuts[0]:
                return False
            self._cuts.pop(0)
            self.made += 1
            return True

    def end_cuts(self) -> None:
        """Let everything through from now on."""
        with self._lock:
            self._cuts.clear()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()


def _end(end: socket.socket, *, reset: bool) -> None:
    """End a connection, at once if it is to be reset, as a network that is gone does."""
    try:
        if reset:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()


@contextmanager
def cutting_proxy(port: int, cuts: list[int]) -> Iterator[CuttingProxy]:
    """A proxy before a port, as long as the block lasts."""
    proxy = CuttingProxy(port, cuts)
    threading.Thread(target=proxy.serve, daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.close()
