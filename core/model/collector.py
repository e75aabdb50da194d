"""Holds Python's cyclic garbage collector still while very many small objects are made."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Generator[None]:
    """Nothing is collected inside.

    Reading a graph of 100,000 layers makes two million objects and no cycles; the collector walks
    over them again and again and takes two thirds of the time (3.9 s against 1.2 s).
    """
    was_running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_running:
            gc.enable()
