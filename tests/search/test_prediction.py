"""Predictions from the map: exact where it was measured, and honest about their error."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.graph import LayerId
from core.plan.plan import CompressionPlan, RuntimeChoice, Step
from core.search.correction import corrected
from core.search.drop_fit import DropFit
from core.search.prediction import WIDE, PastMeasurement, Predictor, predict
from core.search.treatment import plan_of, treatment_of
from tests.search.made_map import RUNTIME, MadeLayer, graph_of, made_map

CHAIN = [MadeLayer(kept_ms=1 + n, int8_ms=0.5, loss=0.01 * n, elements=10) for n in range(6)]
MAP = made_map(CHAIN)
EVERY_LAYER = CompressionPlan(steps=(Step(technique="int8", default={}),), runtime=RUNTIME)


def only(*layers: int) -> CompressionPlan:
    named: dict[str, dict[str, object] | None] = {f"layer{layer}": {} for layer in layers}
    return CompressionPlan(
        steps=(Step(technique="int8", layers=named),),  # type: ignore[arg-type]
        runtime=RUNTIME,
    )


def latency(plan: CompressionPlan) -> float:
    predicted = predict(plan, graph_of(MAP), MAP).latency_ms
    assert predicted is not None
    return predicted.value


def test_that_the_original_and_the_wholly_treated_model_are_predicted_as_measured() -> None:
    assert latency(CompressionPlan(runtime=RUNTIME)) == MAP.baselines["openvino"].value
    assert latency(EVERY_LAYER) == pytest.approx(3.0)
    whole = predict(EVERY_LAYER, graph_of(MAP), MAP)
    assert whole.file_bytes.value == pytest.approx(MAP.file_bytes / 4)
    assert whole.kl is not None and whole.kl.value == pytest.approx(0.15)


def test_that_a_treated_layer_gains_its_time_and_pays_at_both_borders() -> None:
    kept = MAP.baselines["openvino"].value
    assert latency(only(2)) == pytest.approx(kept - 2.5 + 2 * 10 * 0.001)


def test_that_an_exception_in_the_editor_moves_the_point() -> None:
    plan = EVERY_LAYER.with_choice(LayerId("layer5"), None, {})
    kl = predict(plan, graph_of(MAP), MAP).kl
    assert latency(plan) > latency(EVERY_LAYER)
    assert kl is not None and kl.value == pytest.approx(0.10)


def test_that_the_band_is_the_error_on_measured_plans() -> None:
    past = [PastMeasurement(plan=only(n), latency_ms=latency(only(n)) * 1.02) for n in range(4)]
    predicted = predict(only(5), graph_of(MAP), MAP, past)
    assert predicted.latency_ms is not None
    assert predicted.latency_ms.high == pytest.approx(predicted.latency_ms.value * 1.02)
    assert "4 measured plans" in predicted.basis


def test_that_without_measured_plans_the_band_is_wide_and_says_so() -> None:
    predicted = predict(only(5), graph_of(MAP), MAP)
    assert predicted.latency_ms is not None
    assert predicted.latency_ms.high > predicted.latency_ms.value * (1 + WIDE["latency"])
    assert "no plan was measured yet" in predicted.basis


def test_that_a_runtime_that_was_not_profiled_is_said() -> None:
    plan = EVERY_LAYER.model_copy(update={"runtime": RuntimeChoice(runtime="onnxruntime")})
    assert "onnxruntime was not profiled" in predict(plan, graph_of(MAP), MAP).basis


def test_that_settings_that_were_not_measured_are_told_as_approximate() -> None:
    plan = CompressionPlan(
        steps=(Step(technique="int8", default={"method": "entropy"}),), runtime=RUNTIME
    )
    assert treatment_of(plan, MAP).approximate
    assert "nearest ones stand in" in predict(plan, graph_of(MAP), MAP).basis


@given(st.sets(st.integers(0, 5)))
def test_that_a_plan_made_from_options_means_these_options(layers: set[int]) -> None:
    options = {LayerId(f"layer{layer}"): "int8" for layer in layers}
    plan = plan_of(options, MAP, RUNTIME, "plan")
    assert treatment_of(plan, MAP).options == options


def test_that_a_thousand_layers_are_predicted_within_milliseconds() -> None:
    map = made_map([MadeLayer(elements=5) for _ in range(1000)])
    predictor = Predictor(map)
    predictor.predict(EVERY_LAYER)
    began = time.process_time()
    for _ in range(20):
        predictor.predict(EVERY_LAYER)
    assert (time.process_time() - began) / 20 < 0.02


def test_that_measured_plans_correct_gains_and_conversions() -> None:
    real = made_map(
        [MadeLayer(1 + n, 1 + n - 0.7 * (n + 0.5), 0.01, elements=100) for n in range(6)],
        ms_per_element=0.003,
    )
    believed = made_map(
        [MadeLayer(1 + n, 1 + n - (n + 0.5), 0.01, elements=100) for n in range(6)],
        ms_per_element=0.001,
    )
    plans = [only(0, 2, 4), only(1), only(1, 2, 3), only(5), only(0, 5), only(2, 4, 5)]

    def told(plan: CompressionPlan) -> float:
        figure = predict(plan, graph_of(real), real).latency_ms
        assert figure is not None
        return figure.value

    past = [PastMeasurement(plan=plan, latency_ms=told(plan)) for plan in plans]
    unseen, better = only(1, 3, 4), corrected(believed, past)
    errors = []
    for map in (believed, better):
        figure = predict(unseen, graph_of(map), map).latency_ms
        assert figure is not None
        errors.append(abs(figure.value - told(unseen)))
    assert errors[1] < 0.3 * errors[0]


@given(
    st.lists(st.tuples(st.floats(1e-5, 1.0), st.floats(-1.0, 20.0)), max_size=8),
    st.floats(1e-6, 2.0),
    st.floats(1e-6, 2.0),
)
def test_that_more_loss_is_never_predicted_to_drop_less(
    pairs: list[tuple[float, float]], one: float, two: float
) -> None:
    fit = DropFit.of(pairs)
    low, high = sorted((one, two))
    assert fit.drop_at(low) <= fit.drop_at(high) + 1e-9
    assert fit.drop_at(fit.loss_at(1.0)) <= 1.0 + 1e-6


def test_that_the_fit_meets_what_was_measured() -> None:
    fit = DropFit.of([(0.01, 0.5), (0.04, 1.5)])
    assert fit.drop_at(0.01) == 0.5
    assert fit.drop_at(0.025) == pytest.approx(1.0)
    assert fit.loss_at(1.0) == pytest.approx(0.025)
