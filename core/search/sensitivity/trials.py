"""The trials of a scan: every layer that a setting can treat, alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.errors import InputError
from core.model.graph import LayerId, ModelGraph
from core.parameters import Value, option_problems
from core.plan.resolve import resolve_step
from core.search.sensitivity.report import SkippedLayer
from core.search.sensitivity.store import key_of_inputs, key_of_layer
from core.search.sensitivity.work import ScanWork
from core.techniques import techniques


@dataclass(frozen=True)
class Trial:
    """One layer treated alone in one setting."""

    setting: str
    layer: LayerId
    key: str
    """Of all that its numbers depend on, save for the inputs."""
    options: Mapping[str, Value] = field(compare=False, hash=False)
    """Complete."""


def trials_of(work: ScanWork) -> tuple[list[Trial], list[SkippedLayer]]:
    """What there is to try, in the model's order, and the layers that a technique refuses.

    Raises InputError with everything that is wrong with the settings.
    """
    _check(work)
    learned = _key_of_calibration(work)
    trials: list[Trial] = []
    skipped: list[SkippedLayer] = []
    for setting, step in work.settings.items():
        technique = techniques()[step.technique]
        choices = resolve_step(step, technique, work.graph)
        for layer in work.graph.layers:
            if step.options_for(layer.id) is None:
                continue
            if (reason := technique.refusal(layer, work.graph)) is not None:
                skipped.append(
                    SkippedLayer(layer=layer.id, setting=setting, reason=reason, refused=True)
                )
                continue
            options = choices[layer.id]
            source = learned if technique.needs_calibration else ""
            key = key_of_layer(layer.id, technique.name, options, source)
            trials.append(Trial(setting, layer.id, key, options))
    return trials, skipped


def cost_of(graph: ModelGraph) -> dict[LayerId, float]:
    """Share of the model's operations that runs anew when a layer is treated, by layer."""
    left = sum(layer.operations or 0 for layer in graph.layers)
    whole = left or 1
    found: dict[LayerId, float] = {}
    for layer in graph.layers:
        found[layer.id] = max(left / whole, 1e-3)
        left -= layer.operations or 0
    return found


def _check(work: ScanWork) -> None:
    problems = list(_problems(work))
    if problems:
        raise InputError(
            "The layers cannot be looked at in this way.",
            " ".join(problems),
            "Correct the settings, or add images.",
        )


def _problems(work: ScanWork) -> Iterator[str]:
    if work.count == 0:
        yield "There are no inputs to try the layers on."
    for setting, step in work.settings.items():
        if step.technique not in techniques():
            yield f"{setting}: there is no technique called “{step.technique}”."
            continue
        technique = techniques()[step.technique]
        for options in (step.default, *step.layers.values()):
            problems = option_problems(technique.parameters, options or {})
            yield from (f"{setting}: {what}" for what in problems.values())
        if technique.needs_calibration and work.calibration is None:
            yield f"{setting}: {technique.label} learns from images, and there are none."


def _key_of_calibration(work: ScanWork) -> str:
    needed = any(techniques()[step.technique].needs_calibration for step in work.settings.values())
    return key_of_inputs(work.calibration()) if needed and work.calibration else ""
