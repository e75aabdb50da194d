"""Timing caches: what TensorRT timed while it chose kernels, kept on the board for the next build.

A cache holds for one version of TensorRT on one kind of GPU. Clocks change which kernel wins, so
that each power mode gets a cache of its own.
"""

import hashlib

from core.tensorrt.version import TensorRtVersion


def cache_name(version: TensorRtVersion, gpu: str, power_mode: str) -> str:
    """The cache's file name in the board's folder of ours; says nothing that could be a path.

    `gpu` is what the board calls its GPU or module.
    """
    told = "\0".join((str(version), gpu, power_mode)).encode()
    return f"timing-{version}-{hashlib.sha256(told).hexdigest()[:12]}.cache"
