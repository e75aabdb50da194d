"""Makes what a plan says and looks at its answers, so that a remedy's effect is measured."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.benchmark.results import Estimate
from core.data.choose import probabilities_of
from core.data.judge import share_drop
from core.data.metrics.base import class_scores, is_class_scores
from core.data.tensors import Tensors, column_of
from core.doctors.base import Patient
from core.plan.plan import CompressionPlan, RuntimeChoice
from core.runtimes.base import Port
from core.search.compression import compress
from core.search.divergence import divergence, has_divergence, noise
from core.techniques.base import Feeds

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Answers:
    """How far a model's answers are from the original's, on the images that were looked at."""

    loss: float
    """KL divergence in nats where answers have one, else the noise's power over the outputs' power;
    infinite where an answer is not finite."""
    changed: float | None
    """Share of the images whose best answer is another; None where there are no classes."""
    drop: Estimate | None
    """Points of right answers lost; None without labels."""

    unit: str
    """Of the loss, for people."""

    @property
    def words(self) -> str:
        """“loss 0.21 nats, 12 % of the answers changed, 9.4 points lost (2.0 to 16.8)”."""
        parts = [f"loss {self.loss:.3g} {self.unit}"]
        if self.loss == float("inf"):
            parts = ["answers that are not finite"]
        if self.changed is not None:
            parts.append(f"{100 * self.changed:.0f} % of the answers changed")
        if self.drop is not None:
            parts.append(_points_words(self.drop))
        return ", ".join(parts)


def _points_words(drop: Estimate) -> str:
    """“9.4 points lost (2.0 to 16.8)”, “1.6 points won (−2.7 to 5.7)”."""
    won = drop.value < 0
    low, high = (-drop.high, -drop.low) if won else (drop.low, drop.high)
    words = f"{abs(drop.value):.1f} points {'won' if won else 'lost'} ({low:.1f} to {high:.1f})"
    return words.replace("-", "−")


@dataclass
class Trial:
    """Tries plans on the patient's evaluation images, each once."""

    patient: Patient
    _made: dict[str, Path] = field(default_factory=dict[str, Path])
    _answers: dict[Path, Answers] = field(default_factory=dict[Path, Answers])

    @property
    def count(self) -> int:
        """Images that are looked at."""
        return min(self.patient.request.images, self.patient.images.inputs.count)

    def feeds(self) -> Iterator[Feeds]:
        """A fresh pass over them, batch 1, in the types of the model."""
        wanted = self.patient.setting.graph.inputs
        ports = [Port(tensor.name, tensor.dtype, ()) for tensor in wanted]
        return iter(self.patient.images.inputs.fitted(ports, self.count))

    def made(self, plan: CompressionPlan) -> Path:
        """The plan's model, in the job's scratch folder. Raises UserError."""
        key = plan.model_copy(update={"runtime": None, "name": ""}).model_dump_json()
        if key not in self._made:
            setting = self.patient.setting
            folder = setting.context.scratch / "doctors"
            folder.mkdir(exist_ok=True)
            target = folder / f"plan-{len(self._made)}.onnx"
            compress(setting, plan, target, setting.images)
            self._made[key] = target
        return self._made[key]

    def answers(self, plan: CompressionPlan) -> Answers:
        """What the plan's model answers. Raises UserError."""
        return self.answers_of(self.made(plan))

    def answers_of(self, model: Path) -> Answers:
        """The same for a model file."""
        if model not in self._answers:
            self._answers[model] = self._compared(self._run(model))
        return self._answers[model]

    @cached_property
    def reference(self) -> Tensors:
        """What the original answers."""
        return self._run(self.patient.setting.original)

    @cached_property
    def has_classes(self) -> bool:
        """Whether the answers are class scores."""
        first = self.reference.columns[self.reference.names[0]]
        return len(self.reference.names) == 1 and is_class_scores(first[0].shape)

    def _run(self, model: Path) -> Tensors:
        from core.runtimes import runtimes

        choice = RuntimeChoice(runtime="onnxruntime")
        outputs: list[dict[str, np.ndarray]] = []
        with closing(runtimes()["onnxruntime"].compile(model, choice)) as session:
            for done, feeds in enumerate(self.feeds()):
                self.patient.context.progress(done, self.count, "Looking at the answers")
                outputs.append(session.infer(dict(feeds)))
        return Tensors({name: column_of([one[name] for one in outputs]) for name in outputs[0]})

    def _compared(self, outputs: Tensors) -> Answers:
        import numpy as np

        finite = all(np.isfinite(row).all() for c in outputs.columns.values() for row in c)
        diverges = has_divergence(self.reference)
        measure = divergence if diverges else noise
        loss = max(measure(self.reference, outputs), 0.0) if finite else float("inf")
        unit = "nats" if diverges else "of the signal"
        return Answers(loss, self._share_changed(outputs), self._drop(outputs), unit)

    def _best(self, outputs: Tensors) -> "np.ndarray":
        import numpy as np

        column = outputs.columns[outputs.names[0]]
        rows = [class_scores(column[i])[0] for i in range(outputs.count)]
        finite = [probabilities_of(row) for row in rows]
        return np.array([row.argmax() if np.ptp(row) > 0 else -1 for row in finite])

    def _share_changed(self, outputs: Tensors) -> float | None:
        if not self.has_classes:
            return None
        return float((self._best(outputs) != self._best(self.reference)).mean())

    def _drop(self, outputs: Tensors) -> Estimate | None:
        labels = self.patient.images.labels
        if labels is None or not self.has_classes:
            return None
        known = labels[: self.count]
        return share_drop(self._best(self.reference) == known, self._best(outputs) == known)
