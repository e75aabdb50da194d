"""A contender's process whose speed, noise and death are known: `stub_contender.py BEHAVIOUR`."""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import BaseModel

from core.benchmark.contender import main
from core.errors import UserError
from core.plan.plan import RuntimeChoice
from core.runtimes.base import Availability, ExecutedLayer, Port, Runtime, Session


class Behaviour(BaseModel):
    work: int = 0
    """Small matrix products in each inference."""
    sleep_ms: float = 0.0
    spin_after_ms: float = 0.0
    """How long a thread keeps a core busy after each inference, as ONNX Runtime's do."""
    dies_by: str = ""
    dies_after: int = 0
    """Inferences until the signal `dies_by` ends the process."""
    refuses: bool = False
    chatter: bool = False
    """Print to stdout from native code's side."""


class StubSession(Session):
    inputs = (Port("x", "float32", (1, 2)),)
    outputs = (Port("y", "float32", (1, 2)),)
    threads = 1

    def __init__(self, behaviour: Behaviour, streams: int) -> None:
        self._behaviour = behaviour
        self._streams = streams
        self._matrix = np.eye(48, dtype=np.float64)
        self._count = 0
        self._spin_until = 0.0
        if behaviour.spin_after_ms:
            threading.Thread(target=self._spin, daemon=True).start()

    def infer(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        behaviour = self._behaviour
        if behaviour.dies_by and self._count == behaviour.dies_after:
            os.kill(os.getpid(), signal.Signals[behaviour.dies_by])
        self._count += 1
        if behaviour.chatter:
            os.write(1, b"native chatter\n")
        for _ in range(behaviour.work):
            self._matrix @ self._matrix
        if behaviour.sleep_ms:
            time.sleep(behaviour.sleep_ms / 1000)
        self._spin_until = time.monotonic() + behaviour.spin_after_ms / 1000
        return {"y": feeds["x"] * 2}

    @property
    def lanes(self):
        return (self.infer,) * self._streams

    def _spin(self) -> None:
        while True:
            if time.monotonic() > self._spin_until:
                time.sleep(0.001)

    def executed_layers(self) -> tuple[ExecutedLayer, ...]:
        return (ExecutedLayer(name="double", kind="Mul", precision="bf16"),)

    def close(self) -> None:
        pass


class StubRuntime(Runtime):
    name: ClassVar[str] = "stub"
    label: ClassVar[str] = "Stub"

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour

    def availability(self) -> Availability:
        return Availability(version="1.0")

    def load_library(self) -> None:
        pass

    def precisions(self) -> tuple[str, ...]:
        return ("f32",)

    def compile(self, model: Path, choice: RuntimeChoice, *, profile: bool = False) -> Session:
        if self._behaviour.refuses:
            raise UserError("The stub cannot.", "It was told so.", "Tell it otherwise.")
        return StubSession(self._behaviour, choice.streams)


if __name__ == "__main__":
    stub = StubRuntime(Behaviour.model_validate_json(sys.argv[1]))
    main(lambda name: stub)
