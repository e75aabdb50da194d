"""Makes the map: profiles of the original and of each wholly treated model, and sensitivity."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.benchmark.layer_profile import LayerProfile, take_profile
from core.benchmark.results import Estimate
from core.data.inputs import InputSet
from core.data.metrics.top1 import Top1
from core.errors import UserError
from core.jobs.folders import write_atomically
from core.jobs.kinds.base import JobContext
from core.model.graph import LayerId
from core.plan.plan import Step
from core.search.accuracy import contender_of
from core.search.choice import latency_of
from core.search.compression import compress_entry, enter_originals
from core.search.divergence import measured_loss
from core.search.entries import Entry
from core.search.judging import check_promising, screen_all
from core.search.layer_map import (
    KEEP,
    ConversionRate,
    MapEntry,
    MapOption,
    ModelMap,
    WholeModel,
    runtime_label,
)
from core.search.map_entries import (
    borders_of,
    conversion_rate,
    followers_of,
    groups_of,
    times_of,
)
from core.search.map_losses import band_of, loss_in, power, share_of, unseen_alone
from core.search.map_options import bytes_by_layer, map_options
from core.search.report import Candidate
from core.search.request import MapRequest, OptimizeRequest
from core.search.sensitivity import LayerSensitivity, ScanWork, SensitivityReport, scan
from core.search.setting import Setting
from core.search.setting_up import PREPARE, READ, set_up

SCREEN = "A quick look at the treated models"
PROFILE = "Timing every layer"
ACCURACY = "Checking the accuracy of the treated models"
SENSITIVITY = "Finding what every layer costs in accuracy"
MAP_FILE = "map.json"
HOPELESS = 1.2
"""An option that makes the whole model this much slower hardly has layers that gain."""
INFERENCES = 30
"""That a profile counts; whole latencies come from the quick look, so only shares matter here."""
SCAN = 0.5
"""Share of the time left for the search that finding sensitivity may take."""
IMAGES = 100
"""The most that sensitivity rests on in a race."""


def map_steps(request: MapRequest) -> Sequence[tuple[str, float]]:
    """The steps of the job, with their share of its time."""
    steps = [(READ, 2.0), (SCREEN, 30.0), (PROFILE, 30.0)]
    if request.data is not None:
        steps = [*steps[:1], (PREPARE, 8.0), steps[1], (ACCURACY, 15.0), *steps[2:]]
        steps.append((SENSITIVITY, 50.0))
    return steps


def make_map(request: MapRequest, context: JobContext) -> ModelMap:
    """The map job's work; the map is written as the artifact map.json. Raises UserError."""
    shared = request.model_dump(exclude={"images"})
    setting = set_up(OptimizeRequest.model_validate(shared), context)
    context.step(SCREEN)
    options = options_in(setting)
    enter_originals(setting)
    for option in options.values():
        if option.steps:
            compress_entry(setting, Entry.of_option(option), _silent)
    screen_all(setting, tuple(setting.candidates.values()))
    if setting.images is not None:
        context.step(ACCURACY)
        check_promising(setting, context.progress)
    return map_of(setting, images=request.images)


def map_of(setting: Setting, *, images: int = IMAGES, only_promising: bool = False) -> ModelMap:
    """The map, from candidates that were made and looked at; what an earlier run measured is used.

    Written as the artifact map.json. `images` is the most that sensitivity rests on.
    `only_promising` leaves out options on runtimes where the wholly treated model is far from
    being faster: time is better spent on the others.
    """
    making = _Making(setting, options_in(setting), only_promising)
    setting.context.step(PROFILE)
    making.take_profiles()
    if setting.images is not None:
        setting.context.step(SENSITIVITY)
        making.scan(images)
    made = making.finished()
    path = setting.context.folder / MAP_FILE
    write_atomically(path, made.model_dump_json().encode())
    setting.context.artifact(MAP_FILE, path)
    return made


def options_in(setting: Setting) -> dict[str, MapOption]:
    """The map's options for what is aimed at, on the runtimes that there are."""
    gains = any("f16" in runtime.precisions() for runtime in setting.runtimes.values())
    return map_options(
        setting.graph,
        has_calibration=setting.images is not None,
        halves=gains or setting.request.goal.aim != "latency",
    )


def _silent(done: float, total: float, text: str) -> None:
    """Reports nothing: the step has its own progress."""


@dataclass
class _Making:
    """A map in the making."""

    setting: Setting
    options: dict[str, MapOption]
    only_promising: bool
    wholes: dict[tuple[str, str], Candidate] = field(
        default_factory=dict[tuple[str, str], Candidate]
    )
    """The model wholly treated, by runtime label and option; those that ran."""
    profiles: dict[tuple[str, str], LayerProfile] = field(
        default_factory=dict[tuple[str, str], LayerProfile]
    )
    notes: list[str] = field(default_factory=list[str])
    sensitivity: SensitivityReport | None = None

    def take_profiles(self) -> None:
        self.wholes = dict(self._wholes())
        for index, (key, candidate) in enumerate(self.wholes.items()):
            self.setting.context.progress(index, len(self.wholes), candidate.label)
            try:
                self.profiles[key] = self._profile(candidate)
            except UserError as error:
                self.notes.append(f"{candidate.label} was not timed. {error.what} {error.why}")

    def _wholes(self) -> Iterator[tuple[tuple[str, str], Candidate]]:
        for candidate in self.setting.candidates.values():
            choice = candidate.plan.runtime
            option = next(
                (o.id for o in self.options.values() if o.steps == candidate.plan.steps), None
            )
            if option is None or choice is None:
                continue
            if candidate.screened_ms is None:
                self.notes.append(f"{candidate.label} was not timed. {candidate.reason}")
            elif self._is_promising(candidate):
                yield (runtime_label(choice), option), candidate

    def _is_promising(self, candidate: Candidate) -> bool:
        if not self.only_promising or self.setting.request.goal.aim != "latency":
            return True
        originals = (c for c in self.setting.candidates.values() if not c.plan.steps)
        same = next((c for c in originals if c.plan.runtime == candidate.plan.runtime), candidate)
        return latency_of(candidate) <= HOPELESS * latency_of(same)

    def _profile(self, candidate: Candidate) -> LayerProfile:
        what = f"profile of {candidate.id}"
        known = self.setting.acknowledged(what, LayerProfile)
        if known is not None:
            return known
        images = self.setting.images
        profile = take_profile(
            contender_of(self.setting, candidate),
            feeds=None if images is None else images.evaluation,
            inferences=INFERENCES,
            processes=1,
            clean=False,
            check_cancelled=self.setting.context.check_cancelled,
        )
        self.setting.acknowledge(what, profile, f"Times of layers, {candidate.label}")
        return profile

    def scan(self, count: int) -> None:
        images = self.setting.images
        assert images is not None
        timed = {option for _, option in self.profiles}
        settings = {
            option.id: Step(technique=option.steps[-1].technique, default=option.steps[-1].default)
            for option in self.options.values()
            if option.steps and option.id in timed
        }
        self.sensitivity = self.setting.acknowledged("sensitivity", SensitivityReport)
        if self.sensitivity is not None or not settings:
            return
        work = ScanWork(
            model=self.setting.original,
            graph=self.setting.graph,
            settings=settings,
            inputs=InputSet(images.calibration, images.input_name),
            images=min(count, images.calibration_count),
            calibration=images.calibration_feeds,
            calibration_count=images.calibration_count,
            seconds=self.setting.seconds_left() * SCAN,
        )
        self.sensitivity = scan(
            work,
            progress=self.setting.context.progress,
            check_cancelled=self.setting.context.check_cancelled,
        )
        self.setting.acknowledge("sensitivity", self.sensitivity, "Sensitivity of layers")

    def finished(self) -> ModelMap:
        graph = self.setting.graph
        timed = {KEEP, *(option for _, option in self.profiles)}
        options = {name: option for name, option in self.options.items() if name in timed}
        treated = frozenset[LayerId]().union(*(option.treats for option in options.values()))
        return ModelMap(
            model_name=graph.name,
            model_sha256=graph.sha256,
            device=self.setting.request.device,
            options=options,
            entries=tuple(self._entries()),
            whole=tuple(self._whole()),
            baselines={
                label: _exactly(candidate.screened_ms or 0.0)
                for (label, option), candidate in self.wholes.items()
                if option == KEEP and (label, KEEP) in self.profiles
            },
            conversions=dict(self._conversions()),
            settings=self.sensitivity.settings if self.sensitivity else {},
            loss=loss_in(self.sensitivity),
            metric=self.setting.judge.limiting.name if self.setting.judge else "",
            file_bytes=graph.file_bytes,
            images=self.sensitivity.images if self.sensitivity else 0,
            followers=dict(followers_of(graph, treated)),
            borders=tuple(borders_of(graph)),
            notes=tuple(self.notes),
        )

    def _whole(self) -> Iterator[WholeModel]:
        loss = loss_in(self.sensitivity)
        for key, profile in self.profiles.items():
            candidate = self.wholes[key]
            measured = None if loss is None else measured_loss(self.setting, candidate, loss)
            yield WholeModel(
                option=key[1],
                runtime=profile.choice,
                latency_ms=_exactly(candidate.screened_ms or 0.0),
                counted_ms=profile.counted_ms,
                conversions_ms=profile.conversions_ms,
                kl=measured if loss == "kl" else None,
                noise=measured if loss == "noise" else None,
                drop_points=candidate.accuracy.drop if candidate.accuracy else None,
                file_bytes=candidate.file_bytes or 0,
            )

    def _conversions(self) -> Iterator[tuple[str, ConversionRate]]:
        for label in dict.fromkeys(label for label, _ in self.profiles):
            own = [profile for (name, _), profile in self.profiles.items() if name == label]
            yield label, conversion_rate(own, self.setting.graph)

    def _entries(self) -> Iterator[MapEntry]:
        graph = self.setting.graph
        sizes = {
            option: dict(bytes_by_layer(graph, self.options[option])) for _, option in self.profiles
        }
        for (label, option), profile in self.profiles.items():
            latency = self.wholes[label, option].screened_ms or 0.0
            times, groups = times_of(profile, latency, graph), groups_of(profile)
            nothing: Mapping[LayerId, LayerSensitivity] = {}
            losses = self.sensitivity.of(option) if self.sensitivity else nothing
            unseen = unseen_alone(losses, groups, graph)
            counts = _counts_in_layers(self.setting)
            for layer in graph.layers:
                loss = None if layer.id in unseen else losses.get(layer.id)
                yield MapEntry(
                    layer=layer.id,
                    option=option,
                    runtime=profile.choice,
                    milliseconds=times.get(layer.id, 0.0),
                    group=groups.get(layer.id, (layer.id,)),
                    kl=loss.kl.value if loss and loss.kl else None,
                    noise=power(loss.sqnr_db.value) if loss else None,
                    loss_band=band_of(loss) if loss else None,
                    flips=share_of(loss) if loss else None,
                    images=loss.images if loss else 0,
                    drop_points=loss.drop.value if counts and loss and loss.drop else None,
                    bytes=sizes[option][layer.id],
                )


def _counts_in_layers(setting: Setting) -> bool:
    """Whether the limit is about what the scan of layers counts: the best of the true classes."""
    return setting.judge is not None and setting.judge.limiting.name == Top1.name


def _exactly(milliseconds: float) -> Estimate:
    """A quick look has no interval."""
    return Estimate(value=milliseconds, low=milliseconds, high=milliseconds)
