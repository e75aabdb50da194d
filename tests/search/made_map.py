"""Maps of made-up chains of layers, with every figure known."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.benchmark.results import Estimate
from core.model.graph import LayerId, ModelGraph, Tensor
from core.plan.plan import RuntimeChoice, Step
from core.search.layer_map import (
    KEEP,
    Border,
    ConversionRate,
    MapEntry,
    MapOption,
    ModelMap,
    WholeModel,
)

RUNTIME = RuntimeChoice(runtime="openvino")
LAYER_BYTES = 400


@dataclass(frozen=True)
class MadeLayer:
    """Milliseconds and loss of one layer; `fused` runs it in the kernel of the one before."""

    kept_ms: float = 1.0
    int8_ms: float = 0.5
    loss: float = 0.01
    elements: int = 0
    fused: bool = False


def estimate(value: float) -> Estimate:
    return Estimate(value=value, low=value, high=value)


def made_map(layers: Sequence[MadeLayer], ms_per_element: float = 0.001) -> ModelMap:
    """A chain: every layer feeds the next."""
    ids = [LayerId(f"layer{index}") for index in range(len(layers))]
    groups: list[list[LayerId]] = []
    for id, layer in zip(ids, layers, strict=True):
        if layer.fused and groups:
            groups[-1].append(id)
        else:
            groups.append([id])
    group_of = {id: tuple(group) for group in groups for id in group}
    entries: list[MapEntry] = []
    for id, layer in zip(ids, layers, strict=True):
        for option, ms, loss, size in (
            (KEEP, layer.kept_ms, None, LAYER_BYTES),
            ("int8", layer.int8_ms, layer.loss, LAYER_BYTES // 4),
        ):
            entries.append(
                MapEntry(
                    layer=id,
                    option=option,
                    runtime=RUNTIME,
                    milliseconds=ms,
                    group=group_of[id],
                    kl=loss,
                    bytes=size,
                )
            )
    kept, treated = sum(one.kept_ms for one in layers), sum(one.int8_ms for one in layers)
    total = LAYER_BYTES * len(layers)
    return ModelMap(
        model_sha256="0",
        device="local",
        options={
            KEEP: MapOption(id=KEEP, label="FP32"),
            "int8": MapOption(
                id="int8",
                label="INT8",
                steps=(Step(technique="int8", default={}),),
                flow="int8",
                treats=frozenset(ids),
            ),
        },
        entries=tuple(entries),
        whole=tuple(
            WholeModel(
                option=option,
                runtime=RUNTIME,
                latency_ms=estimate(ms),
                counted_ms=ms,
                conversions_ms=0,
                file_bytes=size,
            )
            for option, ms, size in ((KEEP, kept, total), ("int8", treated, total // 4))
        ),
        baselines={"openvino": estimate(kept)},
        conversions={"openvino": ConversionRate(ms_per_element=ms_per_element, kernels=3)},
        loss="kl",
        file_bytes=total,
        images=100,
        borders=tuple(
            Border(maker=one, takers=(two,), elements=layer.elements)
            for one, two, layer in zip(ids, ids[1:], layers, strict=False)
        ),
    )


def graph_of(map: ModelMap) -> ModelGraph:
    """A graph with the map's layers in their order; nothing else of it is asked for."""
    from core.model.graph import Layer

    ids = list(dict.fromkeys(entry.layer for entry in map.entries))
    layers = tuple(
        Layer(
            id=id,
            name=id,
            operator="Conv",
            domain="",
            scope=(),
            inputs=(f"t{index}",),
            outputs=(f"t{index + 1}",),
            weights=(),
            attributes={},
            parameters=0,
            weight_bytes=0,
            operations=None,
            output_shape=None,
            output_dtype="float32",
        )
        for index, id in enumerate(ids)
    )
    tensors = {f"t{index}": Tensor(f"t{index}", "float32", None) for index in range(len(ids) + 1)}
    return ModelGraph(
        name="chain",
        format="onnx",
        version="",
        producer="",
        inputs=(tensors["t0"],),
        outputs=(tensors[f"t{len(ids)}"],),
        layers=layers,
        tensors=tensors,
        weights={},
        file_bytes=map.file_bytes,
        sha256="0",
    )
