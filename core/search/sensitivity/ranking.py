"""Finds the layers that a plan hurts most, by treating one layer at a time.

The noise that one treated layer adds to the model's output, over the output's power, averaged over
some calibration images. Noise of several layers is near additive, so the ranking is a good guide to
which layers are best left as they are.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from core.errors import UserError
from core.model.graph import LayerId
from core.plan.plan import CompressionPlan
from core.plan.resolve import resolve_plan
from core.search.compression import compress
from core.search.setting import Setting

if TYPE_CHECKING:
    import numpy as np

IMAGES = 16
"""Calibration images that a layer is judged on."""


class Sensitivity(BaseModel):
    """How much noise each layer adds when it alone is treated; the worst first."""

    model_config = ConfigDict(frozen=True)

    noise: tuple[tuple[LayerId, float], ...]

    @property
    def worst_first(self) -> tuple[LayerId, ...]:
        return tuple(layer for layer, _ in self.noise)


def rank_layers(
    setting: Setting, plan: CompressionPlan, progress: Callable[[float, float, str], None]
) -> Sensitivity:
    """Treat each of the plan's layers alone and compare the outputs with the original's."""
    assert setting.images is not None
    images = setting.images.first_for_calibration(IMAGES)
    feeds = list(images.calibration_feeds())
    target = setting.context.folder / "one-layer.onnx"
    expected = _outputs(setting, setting.original, feeds)
    layers = list(dict.fromkeys(id for step in resolve_plan(plan, setting.graph) for id in step))
    noise: list[tuple[LayerId, float]] = []
    for index, layer in enumerate(layers):
        progress(index, len(layers), f"Treating only {setting.graph.by_id[layer].name}")
        try:
            compress(setting, only(plan, layer, layers), target, images)
            noise.append((layer, _noise(_outputs(setting, target, feeds), expected)))
        except UserError:
            noise.append((layer, float("inf")))
    target.unlink(missing_ok=True)
    return Sensitivity(noise=tuple(sorted(noise, key=lambda pair: -pair[1])))


def only(plan: CompressionPlan, layer: LayerId, layers: Sequence[LayerId]) -> CompressionPlan:
    """The plan with all of `layers` but one kept as they are."""
    return keep(plan, [other for other in layers if other != layer])


def keep(plan: CompressionPlan, layers: Sequence[LayerId]) -> CompressionPlan:
    """The plan with some layers kept as they are."""
    for layer in layers:
        plan = plan.with_choice(layer, None, {})
    return plan


def _outputs(
    setting: Setting, model: Path, feeds: "Sequence[Mapping[str, np.ndarray]]"
) -> "list[np.ndarray]":
    """The first output for each input, on the reference's runtime."""
    choice = setting.reference.plan.runtime
    assert choice is not None
    session = setting.runtimes[choice.runtime].compile(model, choice)
    with contextlib.closing(session):
        name = session.outputs[0].name
        return [session.infer(feed)[name] for feed in feeds]


def _noise(outputs: "list[np.ndarray]", expected: "list[np.ndarray]") -> float:
    """Mean over the inputs of |output − expected|² / |expected|²."""
    import numpy as np

    ratios = [
        float(np.sum(np.square(got - want)) / max(float(np.sum(np.square(want))), 1e-12))
        for got, want in zip(outputs, expected, strict=True)
    ]
    return float(np.mean(ratios))
