"""What trtexec writes and says is read as it is, and what is of another form is told so."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.tensorrt.log import phase_of, verdict_of
from core.tensorrt.outputs import answers_of, engine_layers_of, profile_of, times_of

Sample = Callable[[str], str]


def test_that_times_are_read(sample: Sample) -> None:
    times = times_of(sample("fp16.times.json"))
    assert len(times) == 12
    assert times[0].latency_ms == pytest.approx(0.872, abs=0.02)


def test_that_layers_times_are_read_with_their_count(sample: Sample) -> None:
    profile = profile_of(sample("qat.profile.json"))
    assert profile.inferences == 1
    assert profile.layers[0].name == "QuantizeLinear_2"
    assert profile.layers[0].milliseconds == 0.06144


def test_that_the_average_stands_in_where_there_is_no_median() -> None:
    text = '[{"count": 9}, {"name": "a", "timeMs": 9, "averageMs": 1, "percentage": 100}]'
    assert profile_of(text).layers[0].milliseconds == 1


def test_that_an_engines_layers_are_read(sample: Sample) -> None:
    engine = engine_layers_of(sample("qat.layers.json"))
    assert engine.detailed
    convolution = engine.layers[1]
    assert convolution.name == "conv1.weight + QuantizeLinear_7 + Conv_9"
    assert convolution.weights_type == "Int8"
    assert "Int8" in convolution.inputs[0].format


def test_that_bare_names_are_read_where_an_engine_tells_no_more() -> None:
    engine = engine_layers_of('{"Layers": ["Conv_0 + Relu_1", "Gemm_2"], "Bindings": ["x"]}')
    assert not engine.detailed
    assert [layer.name for layer in engine.layers] == ["Conv_0 + Relu_1", "Gemm_2"]


def test_that_answers_are_read_with_their_sizes() -> None:
    (answer,) = answers_of('[{"name": "y", "dimensions": "1x3", "values": [1, 2.5, -3]}]')
    assert (answer.dimensions, answer.values) == ((1, 3), (1, 2.5, -3))


READERS = [times_of, profile_of, engine_layers_of, answers_of]
json_texts = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
)


@pytest.mark.parametrize("read", READERS)
@settings(max_examples=30)
@given(st.text(max_size=60) | json_texts.map(str))
def test_that_a_file_of_another_form_is_told_as_such(
    read: Callable[[str], object], text: str
) -> None:
    try:
        read(text)
    except UserError as error:
        assert "could not be read" in error.what


@pytest.mark.parametrize("text", ["", "[", "{}", "[1]", '{"Layers": 3}', '[{"count": "many"}]'])
@pytest.mark.parametrize("read", READERS)
def test_that_a_broken_file_is_refused(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(UserError, match="could not be read"):
        read(text)


def test_that_the_summary_of_the_oldest_version_is_read(sample: Sample) -> None:
    verdict = verdict_of(sample("summary-8.2.log"), "time", exit_code=0)
    assert verdict.passed
    assert verdict.loaded
    assert str(verdict.version) == "8.2.1"
    summary = verdict.summary
    assert summary is not None
    assert summary.throughput == 476.66
    assert summary.compute is not None
    assert summary.compute.median == 2.08276
    assert summary.compute.percentiles == {99: 2.58971}


def test_that_unsteady_times_are_a_warning_with_their_share(sample: Sample) -> None:
    (warning,) = verdict_of(sample("summary-8.2.log"), "time").warnings
    assert warning.kind == "unstable"
    assert warning.variation == pytest.approx(0.0297, abs=1e-4)
    assert "locking GPU clock frequency" in warning.text


def test_that_unknown_options_are_named(sample: Sample) -> None:
    verdict = verdict_of(sample("refused-10.3.log"), "build", exit_code=1)
    assert not verdict.passed
    assert verdict.unknown_options == ("--workspace", "--buildOnly", "--explicitBatch")


def test_that_passed_after_a_failed_load_is_no_pass(sample: Sample) -> None:
    for work in ("build", "time"):
        verdict = verdict_of(sample("not-loaded-10.13.log"), work, exit_code=0)
        assert not verdict.passed
        assert any("not compatible" in problem for problem in verdict.problems)


def test_that_a_build_tells_its_time_its_size_and_what_fell_back(sample: Sample) -> None:
    verdict = verdict_of(sample("build-dla-8.5.log").splitlines(), "build", exit_code=0)
    assert verdict.passed
    assert verdict.build_seconds == 48.6839
    assert verdict.engine_bytes == 2.5 * (1 << 20)
    assert verdict.on_dla == ("{ForeignNode[Conv_0]}", "{ForeignNode[Relu_10...Conv_11]}")
    assert verdict.on_gpu == ("SHUFFLE: Reshape_2",)
    assert [one.kind for one in verdict.warnings] == ["other", "error"]


def test_that_a_build_cut_short_has_not_passed(sample: Sample) -> None:
    lines = sample("build-dla-8.5.log").splitlines()
    for end in range(len(lines)):
        assert not verdict_of(lines[:end], "build").passed


def test_that_a_build_goes_forward_only(sample: Sample) -> None:
    found = [phase_of(line) for line in sample("build-dla-8.5.log").splitlines()]
    shares = [phase.share for phase in found if phase is not None]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1


@given(st.lists(st.text(max_size=80), max_size=5))
def test_that_no_log_is_too_strange_to_be_judged(lines: list[str]) -> None:
    verdict = verdict_of(lines, "time")
    assert not verdict.passed
    assert verdict.problems
