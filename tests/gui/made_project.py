"""A project whose model was mapped: a real graph, made-up figures that add up."""

from dataclasses import dataclass
from pathlib import Path

from core.benchmark.results import Estimate
from core.formats import read_graph
from core.jobs.folders import OUTCOME_FILE
from core.jobs.request import run_request, write_request
from core.model.graph import LayerId, ModelGraph
from core.plan.plan import RuntimeChoice
from core.project.project import RUNS_FOLDER, Project
from core.search.layer_map import KEEP, ConversionRate, MapEntry, MapOption, ModelMap, WholeModel
from core.search.map_entries import borders_of
from core.search.map_options import map_options
from core.search.mapping import MAP_FILE
from core.search.request import MapRequest

ORT, OPENVINO = RuntimeChoice(runtime="onnxruntime"), RuntimeChoice(runtime="openvino")
KEPT_MS, TREATED_MS, CHEAP, DEAR = 1.0, 0.4, 0.0001, 0.2


@dataclass(frozen=True)
class MadeProject:
    """`dear` costs a lot when it is treated; it is fused with `fused`."""

    folder: Path
    graph: ModelGraph
    dear: LayerId
    fused: LayerId


def made_project(folder: Path, model: Path, *, with_images: bool = True) -> MadeProject:
    """The first layer of the model is dear and runs in one kernel with the second."""
    graph = read_graph(model)
    dear, fused = graph.layers[0].id, graph.layers[1].id
    with Project.create(folder) as project:
        project.adopt_model(model)
        run = folder / RUNS_FOLDER / "0001-map"
        run.mkdir(parents=True)
        made = made_map(graph, with_images=with_images)
        write_request(run, run_request("map", MapRequest(model=model)))
        for name in (MAP_FILE, OUTCOME_FILE):
            (run / name).write_text(made.model_dump_json(), encoding="utf-8")
    return MadeProject(folder, graph, dear, fused)


def made_map(graph: ModelGraph, *, with_images: bool = True) -> ModelMap:
    """Two runtimes; the second takes twice as long. Every layer takes a millisecond."""
    options = map_options(graph, has_calibration=True)
    options = {name: options[name] for name in (KEEP, "int8")}
    entries: list[MapEntry] = []
    for scale, runtime in ((1, ORT), (2, OPENVINO)):
        for option in options.values():
            entries += [_entry(graph, i, option, runtime, scale) for i in range(len(graph.layers))]
    if not with_images:
        entries = [each.model_copy(update={"kl": None, "loss_band": None}) for each in entries]
    return ModelMap(
        model_sha256=graph.sha256,
        device="local",
        options=options,
        entries=tuple(entries),
        whole=tuple(
            WholeModel(
                option=option,
                runtime=runtime,
                latency_ms=_exactly(scale * ms * len(graph.layers)),
                counted_ms=1,
                conversions_ms=0,
                drop_points=_exactly(0 if option == KEEP else 4) if with_images else None,
                kl=None if option == KEEP or not with_images else DEAR,
                file_bytes=round(graph.file_bytes * (1 if option == KEEP else 0.4)),
            )
            for scale, runtime in ((1, ORT), (2, OPENVINO))
            for option, ms in ((KEEP, KEPT_MS), ("int8", TREATED_MS))
        ),
        baselines={
            "onnxruntime": _exactly(KEPT_MS * len(graph.layers)),
            "openvino": _exactly(2 * KEPT_MS * len(graph.layers)),
        },
        conversions={
            name: ConversionRate(ms_per_element=0.0, kernels=1)
            for name in ("onnxruntime", "openvino")
        },
        loss="kl" if with_images else None,
        file_bytes=graph.file_bytes,
        images=100 if with_images else 0,
        borders=tuple(borders_of(graph)),
    )


def _entry(
    graph: ModelGraph, index: int, option: MapOption, runtime: RuntimeChoice, scale: float
) -> MapEntry:
    layer = graph.layers[index]
    treated = option.id != KEEP and layer.id in option.treats
    first_two = tuple(each.id for each in graph.layers[:2])
    loss = DEAR if index == 0 else 0.0 if index == 1 else CHEAP
    return MapEntry(
        layer=layer.id,
        option=option.id,
        runtime=runtime,
        milliseconds=scale * (TREATED_MS if treated else KEPT_MS),
        group=first_two if index < 2 else (layer.id,),
        kl=loss if treated else None,
        loss_band=(loss * 0.8, loss * 1.2) if treated else None,
        flips=Estimate(value=0.03, low=0.01, high=0.08) if treated else None,
        images=100,
        bytes=layer.weight_bytes // (4 if treated else 1),
    )


def _exactly(value: float) -> Estimate:
    return Estimate(value=value, low=value, high=value)
