"""ModelMap: what every layer costs in accuracy, time and bytes under every option, measured here.

A layer's time is its share of the fused kernel that ran it, so figures of layers add up to the
latency of the whole model; its loss is the KL divergence of the model's answers when this layer
alone is treated, which adds up over layers as well (core.search.prediction checks both on every
plan that was measured).
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.benchmark.results import Estimate
from core.model.graph import LayerId
from core.plan.plan import RuntimeChoice, Step

KEEP = "keep"
"""Id of the option that leaves a layer as it is."""

Flow = Literal["float32", "float16", "int8"]
Loss = Literal["kl", "noise"]
"""Which figure of accuracy adds up over the layers: KL divergence for class scores, else noise."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class MapOption(_Part):
    """One way to treat a layer."""

    id: str
    """“keep”, “int8”, “int8-asymmetric”, “fp16” … : ids of recipes."""
    label: str
    steps: tuple[Step, ...] = ()
    """As a recipe's plan has them; empty for keep."""
    flow: Flow = "float32"
    """What flows between two layers that are both treated so."""
    treats: frozenset[LayerId] = frozenset()
    """The layers that it can treat; where it is chosen, the others stay as they are."""


class MapEntry(_Part):
    """One layer under one option on one runtime."""

    layer: LayerId
    option: str
    runtime: RuntimeChoice
    milliseconds: float | None
    """Its share of what its fused group took, scaled so that all add up to the clean latency;
    None where the runtime did not tell."""
    group: tuple[LayerId, ...]
    """The layers that ran in one kernel with it, itself included."""
    kl: float | None = None
    """Mean KL divergence of the model's answers with this layer alone treated, in nats; None where
    it was not scanned or the outputs are no class scores."""
    noise: float | None = None
    """Power of the outputs' noise with this layer alone treated, over the outputs' power."""
    loss_band: tuple[float, float] | None = None
    """95 % interval of the one of `kl` and `noise` that the map adds up, from the images."""
    flips: Estimate | None = None
    """Share of the images whose best answer changed with this layer alone treated."""
    images: int = 0
    """How many inputs the layer's loss rests on."""
    drop_points: float | None = None
    """Points of the map's metric that this layer alone lost; None where they were not counted."""
    bytes: int
    """Of its weights in the file; a weight that layers share counts for the first of them."""


class WholeModel(_Part):
    """The model wholly treated by one option, measured as a whole."""

    option: str
    runtime: RuntimeChoice
    latency_ms: Estimate
    """Without counters."""
    counted_ms: float
    """Sum of the counters in the run that they come from."""
    conversions_ms: float
    """Of which the runtime spent on conversions that it put in by itself."""
    kl: float | None = None
    noise: float | None = None
    drop_points: Estimate | None = None
    """Points of the map's metric lost against the original."""
    file_bytes: int


class ConversionRate(_Part):
    """What it costs to carry a tensor from one precision to another, on one runtime."""

    ms_per_element: float
    kernels: int
    """How many conversions that rests on; 0 means guessed from the cheapest kernel."""


class Border(_Part):
    """A tensor between layers; it is converted where its maker and a taker differ in flow."""

    maker: LayerId
    takers: tuple[LayerId, ...]
    elements: int


class ModelMap(_Part):
    """Everything that the solver and the predictions rest on; one file, valid for one device."""

    model_name: str = ""
    model_sha256: str
    device: str
    options: dict[str, MapOption]
    entries: tuple[MapEntry, ...]
    whole: tuple[WholeModel, ...] = ()
    baselines: dict[str, Estimate] = Field(default_factory=dict[str, Estimate])
    """Latency in ms of the original, by `runtime_label` of the choice."""
    conversions: dict[str, ConversionRate] = Field(default_factory=dict[str, ConversionRate])
    """By `runtime_label`."""
    settings: dict[str, Step] = Field(default_factory=dict[str, Step])
    """The settings that were scanned for sensitivity; their ids are those of options."""
    loss: Loss | None = None
    """None when sensitivity was not scanned."""
    metric: str = ""
    """Name of the metric that points are of; empty where nothing was judged."""
    file_bytes: int = 0
    """Of the original."""
    images: int = 0
    """How many the sensitivity rests on; 0 when it was not scanned."""
    followers: dict[LayerId, LayerId] = Field(default_factory=dict[LayerId, LayerId])
    """Layers that no option treats, and the layer whose surroundings they share: what feeds them
    in INT8 makes them slower or faster too."""
    borders: tuple[Border, ...] = ()
    notes: tuple[str, ...] = ()
    """What could not be measured, and why."""

    def changed(self, **updates: object) -> "ModelMap":
        """A map with other fields; what was derived from the old ones is left behind."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return ModelMap.model_construct(None, **{**fields, **updates})

    def in_points_of(self, metric: str) -> "ModelMap":
        """Without the points of another metric, which say nothing about points of this one."""
        if metric == self.metric or not metric or not self.metric:
            return self
        blank = {"drop_points": None}
        return self.changed(
            metric=metric,
            entries=tuple(one.model_copy(update=blank) for one in self.entries),
            whole=tuple(one.model_copy(update=blank) for one in self.whole),
        )

    @cached_property
    def runtimes(self) -> Mapping[str, RuntimeChoice]:
        """The choices on which the original was profiled, by their label."""
        kept = (whole.runtime for whole in self.whole if whole.option == KEEP)
        return {runtime_label(runtime): runtime for runtime in kept}

    @cached_property
    def by_runtime(self) -> Mapping[str, Mapping[tuple[LayerId, str], MapEntry]]:
        """The entries of a runtime by layer and option."""
        found: dict[str, dict[tuple[LayerId, str], MapEntry]] = {}
        for entry in self.entries:
            own = found.setdefault(runtime_label(entry.runtime), {})
            own[entry.layer, entry.option] = entry
        return found

    @cached_property
    def size_scales(self) -> Mapping[str, float]:
        """By option: what it really saves over what its entries say, from its whole file."""
        nothing: Mapping[tuple[LayerId, str], MapEntry] = {}
        own = next(iter(self.by_runtime.values()), nothing)
        scales: dict[str, float] = {}
        for whole in self.whole:
            saved = sum(
                own[layer, KEEP].bytes - own[layer, whole.option].bytes
                for layer in self.options[whole.option].treats
                if (layer, whole.option) in own
            )
            if saved > 0 and whole.file_bytes > 0:
                scales.setdefault(whole.option, (self.file_bytes - whole.file_bytes) / saved)
        return scales

    @cached_property
    def whole_by_option(self) -> Mapping[tuple[str, str], WholeModel]:
        """By `runtime_label` and option."""
        return {(runtime_label(whole.runtime), whole.option): whole for whole in self.whole}

    @cached_property
    def assumed_losses(self) -> Mapping[str, float]:
        """By option: what a layer is assumed to lose that could not be looked at alone, which is
        the mean of those that could."""
        known: dict[str, list[float]] = {}
        for entry in self.entries:
            loss = self.loss_of(entry)
            if loss and entry.layer in self.options[entry.option].treats:
                known.setdefault(entry.option, []).append(loss)
        return {option: sum(losses) / len(losses) for option, losses in known.items()}

    def loss_where_treated(self, entry: MapEntry) -> float:
        """What a treated layer adds to the loss; 0 where nothing was scanned."""
        known = self.loss_of(entry)
        return self.assumed_losses.get(entry.option, 0.0) if known is None else known

    def loss_of(self, figures: MapEntry | WholeModel) -> float | None:
        """The figure of accuracy that this map adds up."""
        return figures.kl if self.loss == "kl" else figures.noise


def runtime_label(choice: RuntimeChoice) -> str:
    """“openvino”, “openvino:f32”, “openvino:f32, 1 thread”: as commands take it, threads added."""
    precision = "" if choice.precision == "auto" else f":{choice.precision}"
    threads = f", {choice.threads} thread{'s' if choice.threads > 1 else ''}"
    return f"{choice.runtime}{precision}{threads if choice.threads else ''}"
