"""A way to the board that breaks: forwards TCP until so many bytes have crossed."""

import contextlib
import socket
import threading
from typing import Self


class CuttingProxy:
    """Holds until it is told to cut; after a cut new connections hold again. Use with `with`."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self.never_holds = False
        """Every connection is cut at its first bytes."""
        self._room: int | None = None
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.close()
        self.cut_now()

    def cut_after(self, count: int) -> None:
        """Pull the cable once so many more bytes have crossed, in both directions together."""
        with self._lock:
            self._room = count

    def cut_now(self) -> None:
        for pair in self._pairs:
            _close(*pair)
        self._pairs.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                for end in (near, far):  # else each small packet waits 40 ms for the one before
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pairs.append((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while (data := source.recv(1 << 16)) and not self._is_over(len(data)):
                sink.sendall(data)
        _close(source, sink)

    def _is_over(self, count: int) -> bool:
        with self._lock:
            if self._room is not None:
                self._room -= count
            cut = self.never_holds or (self._room is not None and self._room <= 0)
            if cut:
                self.cuts += 1
                self._room = None
            return cut


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
