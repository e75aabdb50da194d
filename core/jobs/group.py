"""A process with all that it started, signalled as one."""

import contextlib
import os
import signal


def signal_group(leader: int, number: signal.Signals) -> None:
    """Signal a process that was started in a session of its own, and all that it started.

    The leader must not have been waited for yet: only until then is its number surely its own.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def signal_own_group(number: signal.Signals) -> None:
    """Signal this process and all that it started; itself alone where it shares its group."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, number)
    else:
        os.kill(os.getpid(), number)
