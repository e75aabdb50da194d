"""A way to the board that breaks: forwards TCP until so many bytes have crossed."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self


class CuttingProxy:
    """Asks `bytes_until_cut` at every connection; 0 means that it holds. Use with `with`."""

    def __init__(self, target: int, bytes_until_cut: Callable[[], int]) -> None:
        self._target = target
        self._bytes_until_cut = bytes_until_cut
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self._pairs: list[tuple[socket.socket, socket.socket]] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listener.close()
        self.cut_all()

    def cut_all(self) -> None:
        """Pull the cable of all connections."""
        for pair in self._pairs:
            _close(*pair)
        self._pairs.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            self._pairs.append((near, far))
            room = [self._bytes_until_cut()]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(
                    target=self._forward, args=(source, sink, room), daemon=True
                ).start()

    def _forward(self, source: socket.socket, sink: socket.socket, room: list[int]) -> None:
        limited = room[0] > 0
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                room[0] -= len(data)
                if limited and room[0] <= 0:
                    self.cuts += 1
                    break
                sink.sendall(data)
        _close(source, sink)


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
