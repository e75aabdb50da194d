"""Questions to the advisor whose right answers are known, each a model, a device and a goal."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.devices.profile import DeviceProfile, profiles
from core.edit.edits_file import edits_from
from core.errors import InputError
from core.formats import read_graph
from core.model.graph import ModelGraph
from core.plan.checks import check_plan
from core.search.advisor import Advice, DeviceGoal, Network, Question, advise, rules
from core.search.advisor.advice import FORECAST, NETWORK, SIZES, MakeEdit, Sentence
from core.search.advisor.question import AIMS
from tests.search import advisor_models

MODELS: dict[str, Callable[[Path], Path]] = {
    "plain": advisor_models.save_residual,
    "free batch": lambda path: advisor_models.save_residual(path, "N"),
    "depthwise": advisor_models.save_depthwise,
    "detector": advisor_models.save_detector,
    "heavy": advisor_models.save_heavy_weights,
    "transformer": advisor_models.save_transformer,
}


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModelGraph]:
    folder = tmp_path_factory.mktemp("advised")
    return {name: read_graph(save(folder / f"{name}.onnx")) for name, save in MODELS.items()}


Ask = Callable[..., Advice]


@pytest.fixture(scope="module")
def ask(graphs: dict[str, ModelGraph]) -> Ask:
    """ask("plain", "cloud-l4", aim="size", frames_per_second=30)."""

    def answer(
        model: str,
        device: str,
        *,
        network: Network | None = None,
        mode: str | None = None,
        **goal: object,
    ) -> Advice:
        question = Question(goal=DeviceGoal.model_validate(goal), mode=mode, network=network)
        profile = profiles()[device]
        return advise(graphs[model], profile, question, forecaster=advisor_models.by_peak)

    return answer


def said_about(advice: Advice, id: str) -> set[str]:
    """Ids of the rules behind a suggestion."""
    suggestion = advice.suggestion(id)
    assert suggestion is not None
    return {sentence.rule for sentence in suggestion.sentences}


def order(advice: Advice) -> list[str]:
    return [each.id for each in advice.formats]


def ruled_out(advice: Advice) -> dict[str, str]:
    return {one.id: one.sentences[0].rule for one in advice.ruled_out}


def int8_options(advice: Advice) -> dict[str, object]:
    suggestion = advice.suggestion("int8")
    assert suggestion is not None
    assert suggestion.plan is not None
    step = suggestion.plan.steps[-1]
    assert step.technique == "int8"
    return dict(step.default or {})


# the questions


def test_that_a_low_power_processor_gets_int8_and_a_depthwise_model_half_of_the_gain(
    ask: Ask,
) -> None:
    for device, rule in (("rpi-4", "A01"), ("intel-n100", "I01")):
        advice = ask("depthwise", device, frames_per_second=20)
        assert order(advice)[0] == "int8"
        assert said_about(advice, "int8") >= {rule, "C10", "C01"}
        plain, halved = (ask(model, device).suggestion("int8") for model in ("plain", "depthwise"))
        assert plain is not None
        assert halved is not None
        assert plain.gain is not None
        assert halved.gain == tuple(1 + (each - 1) / 2 for each in plain.gain)


def test_that_a_processor_without_vnni_gets_int8_with_weights_of_reduced_range(ask: Ask) -> None:
    for device in ("intel-core-i7-8700t", "intel-xeon-skylake-sp-8180"):
        advice = ask("plain", device, aim="latency")
        assert order(advice)[0] == "int8"
        assert said_about(advice, "int8") >= {"I02", "I03"}
        assert int8_options(advice)["reduce_range"] is True


def test_that_a_processor_with_vnni_gets_int8_with_the_full_range(ask: Ask) -> None:
    advice = ask("plain", "intel-core-i7-1185g7", aim="latency")
    assert order(advice)[0] == "int8"
    assert int8_options(advice)["reduce_range"] is False
    assert ruled_out(advice)["fp16"] == "I05"


def test_that_amx_gets_bf16_then_int8(ask: Ask) -> None:
    advice = ask("plain", "intel-xeon-8490h-2s", aim="latency")
    assert order(advice)[:2] == ["bf16", "int8"]
    bf16 = advice.formats[0].plan
    assert bf16 is not None
    assert bf16.runtime is not None
    assert (bf16.runtime.runtime, bf16.runtime.precision) == ("openvino", "bf16")


def test_that_a_nano_with_2_gb_gets_fp16_no_int8_and_a_warning_about_memory(ask: Ask) -> None:
    advice = ask("plain", "jetson-nano-2gb", frames_per_second=30)
    assert order(advice)[0] == "fp16"
    assert said_about(advice, "fp16") >= {"N02"}
    out = ruled_out(advice)
    assert (out["int8"], out["sparsity"], out["dla"]) == ("N01", "N08", "N10")
    assert "N22" in said_about(advice, "memory")
    assert "2 GB" in advice.suggestion("memory").sentences[0].text  # pyright: ignore[reportOptionalMemberAccess]  # said_about checked it


def test_that_an_nvidia_gpu_gets_tensorrt_then_fp16_then_int8(ask: Ask) -> None:
    for device in ("jetson-orin-nano-8gb-super", "jetson-agx-orin-64gb", "cloud-a10"):
        advice = ask("detector", device, frames_per_second=30)
        assert advice.suggestions[0].id == "tensorrt"
        assert order(advice)[:2] == ["fp16", "int8"]
        assert int8_options(advice)["symmetric"] is True
    assert said_about(ask("detector", "jetson-orin-nano-8gb-super"), "int8") >= {"N11", "N12"}


def test_that_sparsity_is_offered_from_ampere_on_and_the_dla_only_where_there_is_one(
    ask: Ask,
) -> None:
    xavier = ask("plain", "jetson-xavier-nx-8gb", aim="energy")
    orin_nano = ask("plain", "jetson-orin-nano-8gb", aim="energy")
    orin_nx = ask("plain", "jetson-orin-nx-16gb", aim="energy")
    assert ruled_out(xavier)["sparsity"] == "N08"
    assert "N09" in said_about(xavier, "dla")
    assert "N07" in said_about(orin_nano, "sparsity")
    assert ruled_out(orin_nano)["dla"] == "N10"
    assert {"N09"} <= said_about(orin_nx, "dla")
    sparse = orin_nx.suggestion("sparsity")
    assert sparse is not None
    assert sparse.action is None
    assert "not in this version" in sparse.missing


def test_that_hardware_with_integers_only_gets_full_integer_and_hears_of_its_cache(
    ask: Ask,
) -> None:
    advice = ask("heavy", "coral-usb")
    assert order(advice) == ["int8"]
    assert advice.formats[0].verdict == "require"
    assert int8_options(advice)["dense"] is True
    assert {"fp32", "fp16", "int8-weights"} <= ruled_out(advice).keys()
    assert "E02" in said_about(advice, "cache")
    assert ask("plain", "coral-usb").suggestion("cache") is None
    assert "E04" in said_about(ask("plain", "hailo-8"), "int8")


def test_that_the_neural_compute_stick_gets_fp16_and_openvino_2022_3(ask: Ask) -> None:
    advice = ask("plain", "intel-ncs2")
    assert order(advice) == ["fp16"]
    assert ruled_out(advice)["int8"] == "I11c"
    pin = advice.suggestion("runtime-release")
    assert pin is not None
    assert "2022.3" in pin.sentences[0].text


def test_that_an_npu_wants_fixed_sizes_before_anything_else(
    ask: Ask, graphs: dict[str, ModelGraph]
) -> None:
    advice = ask("free batch", "intel-npu-lnl")
    first = advice.suggestions[0]
    assert (first.id, first.verdict) == ("static-shapes", "require")
    assert isinstance(first.action, MakeEdit)
    (edit,) = edits_from([first.action.edit])
    assert edit.sentence == "Set the shape of image to 1, 3, 224, 224"
    assert order(advice)[:2] == ["int8", "fp16"]
    assert ask("plain", "intel-npu-lnl").suggestions[0].id == "int8"


def test_that_a_cloud_gpu_gets_fp16_plus_clustering(ask: Ask) -> None:
    advice = ask("plain", "cloud-l4")
    assert order(advice)[0] == "fp16"
    clustering = advice.suggestion("clustering")
    assert clustering is not None
    assert clustering.sentences[0].rule == "C03"
    assert clustering.missing
    assert clustering.action is None


def test_that_graphics_of_phones_get_fp16_and_int8_only_where_a_runtime_has_it(ask: Ask) -> None:
    adreno, mali = ask("plain", "adreno-660"), ask("plain", "mali-g610-mp4")
    assert order(adreno)[0] == order(mali)[0] == "fp16"
    assert ruled_out(adreno)["int8"] == "G02"
    assert "G03" in said_about(mali, "int8")


def test_that_graphics_of_intel_get_fp16_and_int8_only_with_dp4a(ask: Ask) -> None:
    old, new = ask("plain", "intel-igpu-uhd630"), ask("plain", "intel-igpu-xe-96eu")
    assert (order(old)[0], ruled_out(old)["int8"]) == ("fp16", "I07")
    assert order(new)[:2] == ["fp16", "int8"]


def test_that_a_transformer_gets_smooth_quant_before_int8(ask: Ask) -> None:
    advice = ask("transformer", "intel-core-i7-1185g7", aim="latency")
    int8 = advice.suggestion("int8")
    assert int8 is not None
    assert int8.plan is not None
    assert [step.technique for step in int8.plan.steps] == ["simplify", "smooth-quant", "int8"]


# aims and limits


def test_that_the_aim_decides_what_comes_first(ask: Ask) -> None:
    device = "jetson-agx-orin-64gb"
    assert order(ask("plain", device, aim="accuracy"))[0] == "tf32"
    assert order(ask("plain", device, aim="size"))[0] == "int8"
    assert order(ask("plain", device, aim="memory"))[0] == "int8"
    assert order(ask("plain", device, aim="energy"))[0] == "int8"
    assert order(ask("plain", device, aim="frames"))[0] == "fp16"


def test_that_int8_comes_before_fp16_where_only_int8_keeps_the_limit(ask: Ask) -> None:
    relaxed = ask("detector", "jetson-orin-nano-8gb-super", aim="latency", latency_ms=12)
    strict = ask("detector", "jetson-orin-nano-8gb-super", aim="latency", latency_ms=8)
    assert order(relaxed)[0] == "fp16"
    assert order(strict)[0] == "int8"


@pytest.mark.parametrize(
    ("limit_ms", "chance"), [(14, "yes, surely"), (7, "likely"), (4, "unlikely"), (2, "no")]
)
def test_that_the_band_of_the_forecast_becomes_words(
    ask: Ask, limit_ms: float, chance: str
) -> None:
    advice = ask("detector", "jetson-orin-nano-8gb-super", latency_ms=limit_ms)  # 3 to 12 ms
    assert advice.real_time.chance == chance
    assert chance.split(",", maxsplit=1)[0].casefold() in advice.real_time.sentence.text.casefold()


def test_that_the_stricter_of_two_limits_counts() -> None:
    goal = DeviceGoal(frames_per_second=50, latency_ms=40)
    assert goal.limit_ms == 20
    assert DeviceGoal().limit_ms is None


def test_that_a_missed_limit_is_answered_by_a_smaller_model_and_a_larger_device(
    ask: Ask, graphs: dict[str, ModelGraph]
) -> None:
    advice = ask("plain", "jetson-nano-2gb", frames_per_second=60)
    smaller = {each.change: each for each in advice.real_time.smaller}
    assert isinstance(smaller["resolution"].action, MakeEdit)
    (edit,) = edits_from([smaller["resolution"].action.edit])
    assert edit.sentence == "Set the shape of image to 1, 3, 160, 160"
    assert smaller["width"].missing
    chances = {each.outlook.chance for each in (*smaller.values(), *advice.real_time.larger)}
    assert chances <= {"yes, surely", "likely"}
    first = advice.real_time.larger[0]
    assert profiles()[first.profile].family == "jetson"
    assert not any(profiles()[one.profile].family == "cloud-gpu" for one in advice.real_time.larger)


def test_that_a_kept_limit_asks_for_nothing_smaller_or_larger(ask: Ask) -> None:
    found = ask("plain", "jetson-agx-orin-64gb", frames_per_second=20).real_time
    assert (found.smaller, found.larger) == ((), ())
    assert [rate.frames_per_second for rate in found.rates] == [20, 30, 60]


def test_that_a_model_that_does_not_fit_cannot_run_in_real_time(
    graphs: dict[str, ModelGraph],
) -> None:
    small = profiles()["jetson-nano-2gb"].model_copy(update={"memory_gb": 0.05})
    advice = advise(graphs["plain"], small, Question(), forecaster=advisor_models.by_peak)
    assert advice.real_time.chance == "no"
    assert "memory" in advice.real_time.sentence.text


def test_that_the_mode_with_the_least_power_that_keeps_the_limit_is_one_click_away(
    ask: Ask,
) -> None:
    advice = ask("detector", "jetson-orin-nano-8gb-super", frames_per_second=30)
    suggestion = advice.suggestion("power-mode")
    assert advice.mode == "25W"
    assert suggestion is not None
    assert suggestion.action is not None
    assert suggestion.action.model_dump() == {
        "kind": "target",
        "profile": "jetson-orin-nano-8gb-super",
        "mode": "7W",
    }
    at_full_speed = ask("detector", "jetson-orin-nano-8gb-super", mode="MAXN_SUPER", aim="frames")
    full, slow = at_full_speed.formats[0].outlook.latency_ms, advice.formats[0].outlook.latency_ms
    assert full is not None
    assert slow is not None
    assert full.value < slow.value


def test_that_a_mode_that_the_board_has_not_is_refused_with_those_it_has(ask: Ask) -> None:
    with pytest.raises(InputError, match="MAXN"):
        ask("plain", "jetson-nano-2gb", mode="TURBO")


# edge or cloud


def test_that_a_slow_network_keeps_the_work_at_the_edge_and_a_fast_one_takes_it_away(
    ask: Ask,
) -> None:
    slow = Network(round_trip_ms=200, mbit=10)
    fast = Network(round_trip_ms=5, mbit=1000, payload_bytes=100_000)
    edge = ask("plain", "jetson-agx-orin-64gb", network=slow, frames_per_second=30)
    cloud = ask("detector", "rpi-4", network=fast, latency_ms=50)
    assert edge.edge_or_cloud is not None
    assert cloud.edge_or_cloud is not None
    assert (edge.edge_or_cloud.advice, cloud.edge_or_cloud.advice) == ("edge", "cloud")


def test_that_the_time_on_the_network_is_delay_plus_payload_over_bandwidth(ask: Ask) -> None:
    network = Network(round_trip_ms=40, mbit=8, payload_bytes=50_000)  # 50 ms to send
    found = ask("plain", "rpi-4", network=network).edge_or_cloud
    assert found is not None
    assert found.cloud.milliseconds is not None
    alone = ask("plain", "cloud-h100-sxm").real_time.sentence.text
    assert found.cloud.milliseconds.value > 90
    assert found.cloud.frames_per_second == pytest.approx(20)
    assert alone
    assert any("40 ms there and back, and 50 ms to send 50 KB" in s.text for s in found.sentences)


def test_that_a_network_too_narrow_for_the_frames_rules_the_cloud_out(ask: Ask) -> None:
    network = Network(round_trip_ms=1, mbit=8, payload_bytes=50_000)
    found = ask("plain", "rpi-4", network=network, frames_per_second=30).edge_or_cloud
    assert found is not None
    assert found.cloud.chance == "no"


# what holds for every answer


def sentences_of(advice: Advice) -> list[Sentence]:
    found = [s for each in advice.suggestions for s in each.sentences]
    found += [s for each in advice.ruled_out for s in each.sentences]
    found += [advice.real_time.sentence]
    found += [each.sentence for each in (*advice.real_time.smaller, *advice.real_time.larger)]
    return [*found, *(advice.edge_or_cloud.sentences if advice.edge_or_cloud else ())]


@settings(max_examples=20, deadline=None)
@given(
    device=st.sampled_from(sorted(profiles())),
    model=st.sampled_from(sorted(MODELS)),
    aim=st.sampled_from(sorted(AIMS)),
    frames=st.none() | st.floats(1, 200),
    network=st.none() | st.builds(Network, round_trip_ms=st.just(40.0), mbit=st.floats(1, 100)),
)
def test_that_every_answer_is_explained_and_no_button_is_dead(
    ask: Ask,
    graphs: dict[str, ModelGraph],
    device: str,
    model: str,
    aim: str,
    frames: float | None,
    network: Network | None,
) -> None:
    advice = ask(model, device, aim=aim, frames_per_second=frames, network=network)
    known = {rule.id for rule in rules()} | {FORECAST, SIZES, NETWORK}
    for sentence in sentences_of(advice):
        assert {*sentence.rule.split(", ")} <= known
        assert sentence.evidence
        assert "{" not in sentence.text
    for suggestion in advice.suggestions:
        assert suggestion.sentences or suggestion.verdict == "inform"
        assert not (suggestion.action and suggestion.missing)
        if suggestion.plan is not None:
            problems = check_plan(
                suggestion.plan, graphs[model], has_calibration=True, runtimes=None
            )
            assert [one for one in problems if one.level == "error"] == []
    assert advice == ask(model, device, aim=aim, frames_per_second=frames, network=network)


def test_that_a_device_of_which_little_is_known_is_answered_by_rules_alone(
    graphs: dict[str, ModelGraph],
) -> None:
    bare = DeviceProfile(id="bare", name="Bare", family="arm-board", precisions=("f32", "i8"))
    advice = advise(graphs["plain"], bare, Question(), forecaster=advisor_models.by_peak)
    assert advice.real_time.chance == "cannot tell"
    assert advice.suggestion("int8") is not None
