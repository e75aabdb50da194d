"""From profiles to the map, on a small graph whose every figure is known."""

from pathlib import Path

import numpy as np
import pytest

from core.benchmark.layer_profile import Kernel, LayerProfile
from core.data.tensors import Tensors
from core.formats import read_graph
from core.model.graph import LayerId, ModelGraph
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.search.divergence import divergence, noise
from core.search.map_entries import borders_of, conversion_rate, followers_of, times_of
from core.search.map_options import CALIBRATION, kernel_options, map_options
from core.search.variants import variants_of

STEM, RELU, BODY = (LayerId(name) for name in ("stem/Conv", "stem/Relu", "body/Conv"))


@pytest.fixture(scope="module")
def graph(tiny_model: Path) -> ModelGraph:
    return read_graph(tiny_model)


def kernel(
    ms: float, *layers: LayerId, role: str = "layer", source: str = "", precision: str = "f32"
) -> Kernel:
    return Kernel(
        name="-".join(layers) + role,
        kind="Convolution",
        kernel="jit",
        precision=precision,
        source_precision=source,
        milliseconds=ms,
        layers=layers,
        role=role,  # type: ignore[arg-type]
    )


def profile(*kernels: Kernel) -> LayerProfile:
    return LayerProfile(
        label="tiny",
        model_sha256="0",
        choice=RuntimeChoice(runtime="openvino"),
        threads=1,
        inferences=30,
        processes=1,
        kernels=kernels,
        with_counters_ms=4.0,
    )


def test_that_times_of_layers_add_up_to_the_latency_whatever_belongs_to_no_layer(
    graph: ModelGraph,
) -> None:
    taken = profile(kernel(1.0, STEM, RELU), kernel(2.0, BODY), kernel(1.0, role="other"))
    times = times_of(taken, 6.0, graph)
    assert sum(times.values()) == pytest.approx(6.0)
    assert times[BODY] == pytest.approx(4.0)
    assert times[STEM] > times[RELU] > 0


def test_that_a_conversion_costs_what_conversions_of_precision_took(graph: ModelGraph) -> None:
    elements = 8 * 16 * 16
    quantize = kernel(0.5, STEM, role="conversion", source="f32", precision="u8")
    reorder = kernel(9.0, BODY, role="conversion", source="f32", precision="f32")
    rate = conversion_rate([profile(quantize, reorder)], graph)
    assert rate.kernels == 1
    assert rate.ms_per_element == pytest.approx(0.5 / elements)


def test_that_without_conversions_the_cheapest_kernel_is_the_guess(graph: ModelGraph) -> None:
    rate = conversion_rate([profile(kernel(1.0, STEM), kernel(0.1, RELU))], graph)
    assert rate.kernels == 0
    assert rate.ms_per_element == pytest.approx(0.1 / (8 * 16 * 16))


def test_that_untreated_layers_follow_the_nearest_treated_one(graph: ModelGraph) -> None:
    leaders = followers_of(graph, {BODY})
    assert leaders[STEM] == BODY
    assert leaders[RELU] == BODY
    assert leaders[LayerId("head/Gemm")] == BODY
    assert BODY not in leaders


def test_that_borders_are_the_tensors_between_layers(graph: ModelGraph) -> None:
    borders = {border.maker: border for border in borders_of(graph)}
    assert borders[STEM].takers == (RELU,)
    assert borders[STEM].elements == 8 * 16 * 16
    assert LayerId("head/Gemm") not in borders


def test_that_options_differ_in_the_kernels_that_run(graph: ModelGraph) -> None:
    options = map_options(graph, has_calibration=True)
    kernels = [tuple(kernel_options(step) for step in option.steps) for option in options.values()]
    assert len(set(kernels)) == len(kernels)
    assert "int8-percentile" not in options
    assert not any(
        option.flow == "int8" for option in map_options(graph, has_calibration=False).values()
    )


def test_that_variants_change_numbers_and_no_kernels() -> None:
    plan = CompressionPlan(steps=(Step(technique="int8", default={}, layers={STEM: None}),))
    variants = list(variants_of(plan))
    assert {"method", "bias_correction"} <= {name for one in variants for name in one.options}
    assert {name for one in variants for name in one.options} <= CALIBRATION
    for variant in variants:
        changed = variant.applied(plan).steps[-1]
        assert changed.layers == {STEM: None}
        assert kernel_options(changed) == kernel_options(plan.steps[0])


def test_that_divergence_is_that_of_probabilities_and_of_logits() -> None:
    wanted = np.array([[[0.5, 0.5]], [[0.9, 0.1]]], dtype=np.float32)
    got = np.array([[[0.25, 0.75]], [[0.9, 0.1]]], dtype=np.float32)
    by_hand = 0.5 * (0.5 * np.log(2) + 0.5 * np.log(0.5 / 0.75))
    probabilities = divergence(Tensors({"y": wanted}), Tensors({"y": got}))
    logits = divergence(Tensors({"y": np.log(wanted) + 3}), Tensors({"y": np.log(got) - 1}))
    assert probabilities == pytest.approx(by_hand, rel=1e-5)
    assert logits == pytest.approx(by_hand, rel=1e-5)


def test_that_noise_is_relative_to_the_power_of_all_outputs() -> None:
    wanted = {"a": np.full((2, 1, 4), 3.0), "b": np.full((2, 1, 4), 4.0)}
    got = {"a": wanted["a"] + 0.5, "b": wanted["b"]}
    assert noise(Tensors(wanted), Tensors(got)) == pytest.approx(0.25 / 25)
