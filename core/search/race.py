"""The race: every way to compress on every runtime, beside the original, measured and judged."""

import time
from collections.abc import Sequence

from core.benchmark.ground import Ground
from core.devices import open_ground
from core.errors import InputError, UserError
from core.jobs.kinds.base import JobContext
from core.search.choice import choose, latency_of
from core.search.compression import compress_entry, enter_originals
from core.search.entries import (
    Entry,
    entries_of_plans,
    entries_of_recipes,
)
from core.search.judging import check_promising, screen_all
from core.search.losers import why_they_lost
from core.search.mapping import PROFILE, SENSITIVITY, map_of
from core.search.measuring import measure_finalists, ratios_of_chosen
from core.search.reasons import reasons
from core.search.refine import refine
from core.search.report import Candidate, FrontPoint, OptimizationReport
from core.search.request import OptimizeRequest
from core.search.rescue import rescue, worth_rescuing
from core.search.setting import Setting
from core.search.setting_up import PREPARE, READ, set_up
from core.search.thread_choice import try_fewer_threads

COMPRESS = "Compressing in every way that fits"
SCREEN = "A quick look at every candidate"
ACCURACY = "Checking accuracy"
RESCUE = "Winning back accuracy"
SOLVE = "Solving for the best mix of layers"
THREADS = "Trying fewer threads"
MEASURE = "Measuring the best"

_NOT_MAPPED = (
    "Layers are timed on this computer only, so no best mix of layers is solved for on a board: "
    "the simple choices are raced there."
)


def race_steps(request: OptimizeRequest) -> Sequence[tuple[str, float]]:
    """The steps to come with their share of the time, as a typical image classifier takes it."""
    steps = [(READ, 2.0), (COMPRESS, 25.0), (SCREEN, 20.0), (MEASURE, 40.0)]
    if request.data is not None:
        steps.insert(1, (PREPARE, 8.0))
        steps.insert(4, (ACCURACY, 25.0))
    if request.solves:
        steps[5:5] = [(PROFILE, 40.0), (SENSITIVITY, 60.0), (SOLVE, 60.0)]
    elif request.data is not None and not request.plans:
        steps.insert(5, (RESCUE, 30.0))
    if not request.plans:
        steps.insert(-1, (THREADS, 5.0))
    return steps


def race(request: OptimizeRequest, context: JobContext) -> OptimizationReport:
    """Compress, measure, judge, choose. Raises UserError; JobCancelled when stopped."""
    with open_ground(request.device, context.check_cancelled) as ground:
        return _race_on(ground, request, context)


def _race_on(ground: Ground, request: OptimizeRequest, context: JobContext) -> OptimizationReport:
    began = time.monotonic()
    setting = set_up(_fitting(request, ground, context), context, ground)
    _enter(setting)
    context.step(SCREEN)
    screen_all(setting, tuple(setting.candidates.values()))
    if setting.images is not None:
        context.step(ACCURACY)
        check_promising(setting, context.progress)
    front = _improve(setting)
    context.step(MEASURE)
    samples = measure_finalists(setting, context.progress)
    reference = setting.reference.id
    verdict = choose(tuple(setting.candidates.values()), request.goal, reference)
    return OptimizationReport(
        model_name=request.model.name,
        model_sha256=setting.graph.sha256,
        goal=request.goal,
        device=setting.device,
        contract=None if setting.images is None else setting.images.contract,
        contract_origin="" if setting.images is None else setting.images.origin,
        candidates=_in_order(verdict.candidates),
        chosen=verdict.chosen,
        met=verdict.met,
        ratios=ratios_of_chosen(setting, samples, verdict.chosen),
        why=(
            *reasons(verdict.candidates, verdict.chosen, request.goal, setting.device, reference),
            *why_they_lost(verdict.candidates, setting.graph),
        ),
        accuracy_checked=setting.images is not None,
        seconds=time.monotonic() - began,
        front=front,
    )


def _fitting(request: OptimizeRequest, ground: Ground, context: JobContext) -> OptimizeRequest:
    """What can be done there. Raises InputError for a device that takes no part in races."""
    if not ground.races:
        raise InputError(
            "Candidates cannot be raced on this device.",
            "It builds an engine of each model, which takes minutes.",
            "Optimize on this computer, then measure the best on the device with a benchmark.",
        )
    if ground.is_here or not request.solves:
        return request
    context.note(_NOT_MAPPED)
    return request.model_copy(update={"solve": False})


def _enter(setting: Setting) -> None:
    """Fill the field: the original in other precisions, and every entry's model."""
    context = setting.context
    context.step(COMPRESS)
    entries = _entries(setting)
    for index, entry in enumerate(entries):

        def report(done: float, total: float, text: str, first: int = index) -> None:
            share = done / total if total else 0.0
            context.progress(first + share, len(entries), text)

        context.progress(index, len(entries), entry.label)
        compress_entry(setting, entry, report)


def _entries(setting: Setting) -> tuple[Entry, ...]:
    request = setting.request
    if request.plans:
        return entries_of_plans(request.plans)
    enter_originals(setting)
    if setting.images is None:
        setting.context.note(
            "Without images INT8 activations cannot be calibrated, and accuracy is not checked: "
            "only ways that need no images take part.",
            "warning",
        )
    return entries_of_recipes(setting.graph, has_calibration=setting.images is not None)


def _improve(setting: Setting) -> tuple[FrontPoint, ...]:
    """Solve for the best mix of layers, or win back accuracy by the quick way; then threads.

    Returns the solver's front, which is empty where it took no part.
    """
    request, context = setting.request, setting.context
    front: tuple[FrontPoint, ...] = ()
    if request.plans:
        return front
    if request.solves:
        front = _solve(setting)
    elif setting.images is not None:
        context.step(RESCUE)
        _rescue(setting)
    context.step(THREADS)
    try_fewer_threads(setting)
    return front


def _solve(setting: Setting) -> tuple[FrontPoint, ...]:
    minutes = setting.request.search_minutes
    setting.search_ends = time.monotonic() + 60 * minutes
    try:
        map = map_of(setting, only_promising=True)
    except UserError as error:
        setting.context.note(f"The layers could not be mapped. {error.what} {error.why}", "warning")
        return ()
    for note in map.notes:
        setting.context.note(note, "warning")
    setting.context.step(SOLVE)
    front = refine(setting, map, setting.context.progress).points()
    if not setting.seconds_left():
        setting.context.note(
            f"The search for the best mix of layers was ended after {minutes:g} min, as asked. "
            "More time may find a better one."
        )
    return front


def _rescue(setting: Setting) -> None:
    candidate = worth_rescuing(setting)
    if candidate is None:
        return
    setting.context.note(
        f"“{candidate.label}” promises most but loses too much accuracy: looking for the layers "
        "that cause it."
    )
    added = rescue(setting, candidate, setting.context.progress)
    if added:
        screen_all(setting, added)
        check_promising(setting, setting.context.progress)


def _in_order(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The baselines first, then by latency; those without figures last."""
    return tuple(sorted(candidates, key=lambda c: (c.standing != "baseline", latency_of(c))))
