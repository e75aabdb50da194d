"""Runs a contender over a whole data set and keeps what it answers."""

import shutil
from collections.abc import Callable
from pathlib import Path

from core.benchmark.contender_process import (
    Contender,
    ContenderProcess,
    Launch,
    launch_contender,
)
from core.data.tensors import Tensors


def evaluate(
    contender: Contender,
    inputs: Path,
    outputs: Path,
    *,
    progress: Callable[[float, float, str], None] = lambda done, total, text: None,
    check_cancelled: Callable[[], None] = lambda: None,
    launch: Launch = launch_contender,
) -> Tensors:
    """Infer every sample of `inputs` alone and write all outputs into the folder `outputs`.

    `inputs` is what InputSet reads: a .npy file of rows, or a folder of named tensors. A folder
    of an earlier, interrupted attempt is replaced; `outputs` appears only when it is whole.
    Returns the outputs, mapped. Raises UserError when the contender cannot do it, WorkerDied when
    it dies.
    """
    text = f"Checking {contender.label}"
    unfinished = outputs.with_name(f"{outputs.name}.partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        with ContenderProcess(contender, check_cancelled, launch) as process:
            process.load(inputs)
            process.evaluate(inputs, unfinished, lambda done, total: progress(done, total, text))
        shutil.rmtree(outputs, ignore_errors=True)
        unfinished.replace(outputs)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Tensors.read(outputs)
