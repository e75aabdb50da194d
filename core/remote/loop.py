"""The one thread in which everything that waits for the network runs."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_SECONDS_BETWEEN_CHECKS = 0.05


class LoopThread:
    """An asyncio loop in a thread of its own; other threads hand it work and wait."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_note)
        threading.Thread(target=self._loop.run_forever, name="network", daemon=True).start()

    def run(
        self, work: Coroutine[Any, Any, T], check_cancelled: Callable[[], None] = lambda: None
    ) -> T:
        """The result of `work`, or what it raises; `check_cancelled` may raise to stop it."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            while True:
                check_cancelled()
                try:
                    return future.result(_SECONDS_BETWEEN_CHECKS)
                except TimeoutError:
                    if future.done():  # the work's own
                        raise
        except BaseException:
            future.cancel()
            raise


def _note(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What the SSH library left unfinished on a connection that broke; who waited was told."""
    logging.getLogger(__name__).debug("%s", context)


@cache
def loop_thread() -> LoopThread:
    """The only one of this process, started when first needed."""
    return LoopThread()
