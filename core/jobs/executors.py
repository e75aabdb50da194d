"""Where work that can be spread is done: worker processes here, or a Dask scheduler's workers."""
# dask.distributed has no stubs:
# pyright: reportMissingTypeStubs=false, reportMissingImports=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import multiprocessing
import os
from collections.abc import Generator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, cast

from core.errors import InputError

if TYPE_CHECKING:
    from distributed import Client

_PATIENCE_SECONDS = 10
"""So long a scheduler may take to answer."""

_THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What numerical libraries look at when they are loaded."""


@contextmanager
def open_executor(scheduler: str = "", processes: int = 0) -> Generator[Executor]:
    """An executor for work of one thread each; it is closed when the block ends.

    `scheduler` is the address of a Dask scheduler, such as “tcp://host:8786”; without it,
    `processes` worker processes here, 0 meaning one for each processor that this one may use.
    Raises InputError when the scheduler cannot be used.
    """
    if scheduler:
        with _dask_workers(scheduler) as executor:
            yield executor
    else:
        with _processes_here(processes or usable_processors()) as executor:
            yield executor


def usable_processors() -> int:
    """How many processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _processes_here(count: int) -> Generator[Executor]:
    """Spawned, never forked: native libraries do not survive a fork."""
    executor = ProcessPoolExecutor(
        count, mp_context=multiprocessing.get_context("spawn"), initializer=_use_one_thread
    )
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _use_one_thread() -> None:
    for name in _THREAD_LIMITS:
        os.environ[name] = "1"


@contextmanager
def _dask_workers(address: str) -> Generator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "Work cannot be given to a Dask scheduler.",
            "The library “distributed” is not installed.",
            "Install it with: pip install “edgewright[distributed]”; or leave the scheduler out.",
        ) from error
    try:
        client = Client(address, timeout=_PATIENCE_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"The Dask scheduler {address} does not answer.",
            f"{error or type(error).__name__}.",
            "Check the address and that the scheduler runs, or leave the scheduler out.",
        ) from error
    with client:
        _check_workers(client, address)
        yield cast(Executor, client.get_executor(pure=False))


def _check_workers(client: "Client", address: str) -> None:
    """Raises InputError unless there are workers, all with this very Edgewright."""
    try:
        versions = cast("dict[str, str]", client.run(_own_version))
    except Exception as error:  # whatever importing this module raises on a worker
        raise InputError(
            f"The workers of {address} cannot do this work.",
            f"Edgewright does not run there: {error}.",
            "Install Edgewright in the environment that the workers are started from.",
        ) from error
    others = sorted(set(versions.values()) - {_own_version()})
    if not versions or others:
        raise InputError(
            f"The Dask scheduler {address} has no workers that can do this work.",
            f"Theirs is Edgewright {', '.join(others)}, this is {_own_version()}."
            if others
            else "No worker has joined it.",
            "Start workers with this version: dask worker " + address,
        )


def _own_version() -> str:
    return version("edgewright")
