"""Waiting for processes that this one did not start to be over."""

import psutil


def wait_until_over(*processes: psutil.Process) -> None:
    """One that nobody has asked for its end is over as well."""
    while not all(_is_over(process) for process in processes):
        psutil.wait_procs(processes, timeout=0.02)


def _is_over(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
