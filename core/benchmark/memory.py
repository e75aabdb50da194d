"""How much memory this process has taken at most."""

import sys
from pathlib import Path

import psutil


def peak_memory_bytes() -> int:
    """The largest resident memory of this process so far.

    On Linux from VmHWM: getrusage's ru_maxrss also holds what the parent had before exec.
    """
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    memory = psutil.Process().memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))
