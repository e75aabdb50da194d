"""Makes the list of candidates: the originals, and every recipe or plan on every runtime."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.devices.profile_words import precision_words
from core.model.graph import ModelGraph
from core.plan.plan import CompressionPlan, RuntimeChoice
from core.plan.recipes import recipes_for
from core.runtimes.base import Runtime
from core.search.layer_map import MapOption
from core.search.report import Candidate

ORIGINAL = "original"


@dataclass(frozen=True)
class Entry:
    """A way to compress, before a runtime is chosen for it."""

    id: str
    label: str
    plan: CompressionPlan

    @staticmethod
    def of_option(option: MapOption) -> "Entry":
        """The whole model under one option of the map, which is a recipe."""
        plan = CompressionPlan(name=option.label, steps=option.steps)
        return Entry(option.id, option.label, plan)


def entries_of_recipes(graph: ModelGraph, *, has_calibration: bool) -> tuple[Entry, ...]:
    """Every recipe that changes something of this model and has what it needs."""
    return tuple(
        Entry(recipe.id, recipe.label, recipe.plan)
        for recipe in recipes_for(graph)
        if recipe.plan.steps and (has_calibration or not recipe.needs_calibration)
    )


def entries_of_plans(plans: Iterable[CompressionPlan]) -> tuple[Entry, ...]:
    return tuple(
        Entry(f"plan-{number}", plan.name, plan) for number, plan in enumerate(plans, start=1)
    )


def baselines(runtimes: Mapping[str, Runtime], threads: int) -> Iterator[Candidate]:
    """The original on every runtime, just as the runtime would run it."""
    for runtime in runtimes.values():
        choice = RuntimeChoice(runtime=runtime.name, threads=threads)
        plan = CompressionPlan(name="Original", runtime=choice)
        yield _candidate(ORIGINAL, "Original", plan, runtime, standing="baseline")


def candidates_of(
    entry: Entry, runtimes: Mapping[str, Runtime], threads: int
) -> Iterator[Candidate]:
    """The entry on every runtime in every precision, or where its plan says."""
    wanted = entry.plan.runtime
    if wanted is not None:
        if wanted.runtime in runtimes:
            runtime = runtimes[wanted.runtime]
            yield _candidate(entry.id, entry.label, entry.plan, runtime)
        return
    for runtime in runtimes.values():
        for choice in runtime_choices(runtime, threads):
            plan = entry.plan.model_copy(update={"runtime": choice})
            yield _candidate(entry.id, entry.label, plan, runtime)


def original_in_other_precisions(
    runtimes: Mapping[str, Runtime], threads: int
) -> Iterator[Candidate]:
    """The original where a runtime can be told to compute in something else than by itself."""
    for runtime in runtimes.values():
        for choice in runtime_choices(runtime, threads):
            if choice.precision != "auto":
                plan = CompressionPlan(name="Original", runtime=choice)
                yield _candidate(ORIGINAL, "Original", plan, runtime)


def runtime_choices(runtime: Runtime, threads: int) -> Iterator[RuntimeChoice]:
    """Every precision that a runtime can be told here; its own default is called auto."""
    for index, precision in enumerate(runtime.precisions()):
        named = "auto" if index == 0 else precision
        yield RuntimeChoice(runtime=runtime.name, precision=named, threads=threads)


def _candidate(
    id: str, label: str, plan: CompressionPlan, runtime: Runtime, standing: str = "left out"
) -> Candidate:
    choice = plan.runtime
    assert choice is not None
    plain = choice.precision == "auto"
    told = runtime.label if plain else f"{runtime.label}, {precision_words(choice.precision)}"
    return Candidate.model_validate(
        {
            "id": f"{id}.{runtime.name}" + ("" if plain else f".{choice.precision}"),
            "label": f"{label} · {told}",
            "plan": plan.model_copy(update={"name": label}),
            "model": None,
            "file_bytes": None,
            "standing": standing,
            "reason": "",
        }
    )
