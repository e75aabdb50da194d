"""Whose ways of timing published figures were taken with, by name."""

from collections.abc import Mapping

OWN = "edgewright"
"""The one that calibrations are measured with."""

HARNESS_WORDS: Mapping[str, str] = {
    OWN: "Edgewright",
    "mlperf": "MLPerf",
    "ultralytics": "Ultralytics",
    "benchmark-app": "OpenVINO’s benchmark_app",
    "benchncnn": "ncnn’s benchncnn",
    "trtexec": "trtexec",
    "network-only": "a timer around the network alone",
    "throughput": "a benchmark of throughput",
    "python-app": "a whole application in Python",
    "other": "a benchmark of another kind",
}
"""Who times, to end “timed as … does”."""


def harness_words(harness: str) -> str:
    """One that is not known is called as it is asked for."""
    return HARNESS_WORDS.get(harness, harness)
