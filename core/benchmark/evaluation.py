"""Runs a contender over a whole data set and keeps what it answers."""

from collections.abc import Callable
from pathlib import Path

from core.benchmark.contender_process import (
    Contender,
    ContenderProcess,
    Launch,
    launch_contender,
)


def evaluate(
    contender: Contender,
    inputs: Path,
    outputs: Path,
    *,
    progress: Callable[[float, float, str], None] = lambda done, total, text: None,
    check_cancelled: Callable[[], None] = lambda: None,
    launch: Launch = launch_contender,
) -> None:
    """Infer every row of `inputs` alone and write the first output's values to `outputs`.

    Both are .npy files: inputs of shape (samples, …) without batch, outputs float32 of shape
    (samples, values). Raises UserError when the contender cannot do it, WorkerDied when it dies.
    """
    text = f"Checking {contender.label}"
    with ContenderProcess(contender, check_cancelled, launch) as process:
        process.load(inputs)
        process.evaluate(inputs, outputs, lambda done, total: progress(done, total, text))
