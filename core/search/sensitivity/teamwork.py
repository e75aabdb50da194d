"""Does pieces of a scan, here or in an executor, and hands them back as they are done."""

import concurrent.futures
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future

from core.errors import WorkerDied
from core.search.sensitivity.looking import KitMissing, KitPlace, Looked, Piece, look

_PATIENCE = 0.2
"""Seconds between two looks at whether the person stopped the job."""

Done = tuple[int, Looked]


def do_pieces(
    pieces: Iterable[tuple[int, Piece]],
    place: KitPlace,
    executor: Executor | None,
    check_cancelled: Callable[[], None],
) -> Iterator[Done]:
    """The pieces' results under their numbers, in any order.

    Raises UserError when a part of the model does not run, WorkerDied, and JobCancelled.
    """
    if executor is None:
        for number, piece in pieces:
            check_cancelled()
            yield number, look(place, piece)
        return
    yield from _Spread(dict(pieces), place, executor, check_cancelled).results()


class _Spread:
    """Pieces under way in an executor."""

    def __init__(
        self,
        pieces: Mapping[int, Piece],
        place: KitPlace,
        executor: Executor,
        check_cancelled: Callable[[], None],
    ) -> None:
        self._pieces = pieces
        self._place = place
        self._packed: KitPlace | None = None
        self._executor = executor
        self._check_cancelled = check_cancelled
        self._waiting: dict[Future[Looked], int] = {}

    def results(self) -> Iterator[Done]:
        try:
            for number in self._pieces:
                self._start(number, self._place)
            while self._waiting:
                yield from self._finished()
        finally:
            for future in self._waiting:
                future.cancel()

    def _start(self, number: int, place: KitPlace) -> None:
        self._waiting[self._executor.submit(look, place, self._pieces[number])] = number

    def _finished(self) -> Iterator[Done]:
        self._check_cancelled()
        done, _ = concurrent.futures.wait(
            list(self._waiting), _PATIENCE, concurrent.futures.FIRST_COMPLETED
        )
        for future in done:
            number = self._waiting.pop(future)
            try:
                yield number, future.result()
            except KitMissing:
                self._packed = self._packed or self._place.with_content()
                self._start(number, self._packed)
            except BrokenExecutor as error:
                raise WorkerDied(
                    "A worker of the scan ended without a result.",
                    "Often because memory ran out.",
                    "Start again with fewer workers; what was found so far is kept.",
                ) from error
