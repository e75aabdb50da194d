"""Checks a plan against a model and reports every problem at once, each with a remedy."""

from collections.abc import Collection, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.errors import InputError
from core.model.graph import LayerId, ModelGraph
from core.parameters import option_problems
from core.plan.plan import CompressionPlan, Options, Step, prepares
from core.plan.resolve import resolve_plan, resolve_step
from core.runtimes import runtimes as known_runtimes
from core.techniques import techniques
from core.techniques.base import Technique

PRECISIONS = ("auto", "f32", "tf32", "bf16", "f16")


class Problem(BaseModel):
    """One thing that is wrong. `step` counts from 0; `field` is an option's or setting's name."""

    model_config = ConfigDict(frozen=True)

    layer: str | None = None
    step: int | None = None
    field: str | None = None
    what: str
    remedy: str
    level: Literal["error", "warning"] = "error"


def check_plan(
    plan: CompressionPlan,
    graph: ModelGraph,
    *,
    has_calibration: bool,
    runtimes: Collection[str] | None,
) -> tuple[Problem, ...]:
    """Everything that is wrong with a plan; a plan without errors can be applied.

    `runtimes` are the names of the usable ones; None leaves the runtime unchecked.
    """
    found = list(_runtime_problems(plan, runtimes))
    if runtimes is not None:
        found += _shape_problems(plan, graph)
    for index, step in enumerate(plan.steps):
        found += _step_problems(index, step, graph, has_calibration)
    found += _collisions(plan)
    if not found:
        found += _idle_problems(plan, graph)
    return tuple(found)


def require_valid(
    plan: CompressionPlan,
    graph: ModelGraph,
    *,
    has_calibration: bool,
    runtimes: Collection[str] | None = None,
) -> None:
    """Raises InputError that lists every error of the plan."""
    problems = check_plan(plan, graph, has_calibration=has_calibration, runtimes=runtimes)
    errors = [problem for problem in problems if problem.level == "error"]
    if errors:
        raise InputError(
            f"The plan “{plan.name}” cannot be applied to {graph.name}.",
            " ".join(_located(problem) for problem in errors),
            " ".join(dict.fromkeys(problem.remedy for problem in errors)),
        )


def _located(problem: Problem) -> str:
    return problem.what if problem.layer is None else f"{problem.layer}: {problem.what}"


def _runtime_problems(plan: CompressionPlan, runtimes: Collection[str] | None) -> Iterator[Problem]:
    choice = plan.runtime
    if choice is None:
        return
    if runtimes is not None and choice.runtime not in runtimes:
        yield Problem(
            field="runtime",
            what=f"The runtime “{choice.runtime}” cannot be used here.",
            remedy=f"Choose one of: {', '.join(sorted(runtimes)) or 'none is installed'}.",
        )
    if choice.precision not in PRECISIONS:
        yield Problem(
            field="precision",
            what=f"There is no precision “{choice.precision}”.",
            remedy=f"Choose one of: {', '.join(PRECISIONS)}.",
        )
    if choice.threads < 0:
        yield Problem(
            field="threads",
            what=f"A runtime cannot use {choice.threads} threads.",
            remedy="Give 0 to leave the number to the runtime, or 1 and more.",
        )
    for field, value in (("streams", choice.streams), ("batch", choice.batch)):
        if value < 1:
            yield Problem(
                field=field,
                what=f"A runtime cannot use {field} {value}.",
                remedy="Give 1 or more.",
            )


def _shape_problems(plan: CompressionPlan, graph: ModelGraph) -> Iterator[Problem]:
    """Free sizes where the runtime takes fixed ones only; it fixes the batch by itself."""
    choice = plan.runtime
    known = known_runtimes()
    if choice is None or choice.runtime not in known:
        return
    if not known[choice.runtime].static_shapes_only:
        return
    for tensor in graph.inputs:
        free = [size for size in (tensor.shape or ())[1:] if not isinstance(size, int)]
        if free:
            said = ", ".join("“" + size + "”" if size else "one without a name" for size in free)
            yield Problem(
                field="runtime",
                what=f"{known[choice.runtime].label} takes fixed sizes only; free in "
                f"{tensor.name}: {said}.",
                remedy=f"Set numbers for the shape of {tensor.name} (Input shapes…, or "
                f"edgewright edit --set-shape).",
            )


def _step_problems(
    index: int, step: Step, graph: ModelGraph, has_calibration: bool
) -> Iterator[Problem]:
    if step.technique not in techniques():
        reason = techniques().failed.get(step.technique, "")
        known = ", ".join(technique.name for technique in techniques())
        yield Problem(
            step=index,
            field="technique",
            what=f"There is no technique called “{step.technique}”. {reason}".strip(),
            remedy=f"Choose one of: {known}.",
        )
        return
    technique = techniques()[step.technique]
    if step.default is not None:
        yield from _option_problems(index, None, technique, step.default)
    for layer, options in step.layers.items():
        yield from _layer_problems(index, LayerId(layer), options, technique, graph)
    if technique.needs_calibration and not has_calibration and _treats(step):
        yield Problem(
            step=index,
            field="technique",
            what=f"{technique.label} learns from images, and there are none.",
            remedy="Add images, or choose a technique that needs none.",
        )


def _treats(step: Step) -> bool:
    return step.default is not None or any(options is not None for options in step.layers.values())


def _layer_problems(
    index: int, layer: LayerId, options: Options | None, technique: Technique, graph: ModelGraph
) -> Iterator[Problem]:
    if layer not in graph.by_id:
        yield Problem(
            step=index,
            layer=layer,
            what="The model has no such layer.",
            remedy="Remove the layer from the plan, or open the model that the plan was made for.",
        )
        return
    if options is None:
        return
    yield from _option_problems(index, layer, technique, options)
    if (reason := technique.refusal(graph.by_id[layer], graph)) is not None:
        yield Problem(
            step=index,
            layer=layer,
            field="technique",
            what=f"{technique.short} cannot treat this layer. {reason}",
            remedy="Choose another technique for the layer, or keep it as it is.",
        )


def _option_problems(
    index: int, layer: str | None, technique: Technique, options: Options
) -> Iterator[Problem]:
    for field, what in option_problems(technique.parameters, options).items():
        yield Problem(
            step=index,
            layer=layer,
            field=field,
            what=what,
            remedy=f"Correct or remove the option “{field}” of {technique.label}.",
        )


def _collisions(plan: CompressionPlan) -> Iterator[Problem]:
    """A layer that was named for two number formats."""
    named: dict[str, str] = {}
    for index, step in enumerate(plan.steps):
        if step.technique not in techniques() or not techniques()[step.technique].stores_numbers:
            continue
        label = techniques()[step.technique].label
        for layer, options in step.layers.items():
            if options is None:
                continue
            if layer in named:
                yield Problem(
                    step=index,
                    layer=layer,
                    field="technique",
                    what=f"It cannot be {named[layer]} and {label} at once.",
                    remedy="Keep one of the two for this layer.",
                )
            named.setdefault(layer, label)


def _idle_problems(plan: CompressionPlan, graph: ModelGraph) -> Iterator[Problem]:
    """Steps that would change nothing. One that prepares for a later step may find all in order."""
    for index, (step, choices) in enumerate(
        zip(plan.steps, resolve_plan(plan, graph), strict=True)
    ):
        last = index == len(plan.steps) - 1
        if choices or not _treats(step) or (prepares(step.technique) and not last):
            continue
        technique = techniques()[step.technique]
        alone = resolve_step(step, technique, graph)
        why = "earlier steps took them all" if alone else "the model has none that it can treat"
        yield Problem(
            step=index,
            what=f"{technique.label} treats no layer: {why}.",
            remedy="Remove the step, or choose another technique.",
            level="warning",
        )
