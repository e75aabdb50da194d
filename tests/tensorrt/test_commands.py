"""The command lines of every version of trtexec say the same, in the words that it knows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.tensorrt.commands import answers_command, build_command, timing_command
from core.tensorrt.dialects import Dialect, dialect_of, dialects
from core.tensorrt.settings import BuildSettings, ResultFiles, ShapeRange, TimingSettings
from core.tensorrt.version import TensorRtVersion

EVERY = ResultFiles(times="/b/times.json", profile="/b/profile.json", layers="/b/layers.json")
SIZES = ShapeRange(smallest=(1, 3, 32, 32), best=(4, 3, 64, 64), largest=(8, 3, 96, 96))


def version(text: str) -> TensorRtVersion:
    return TensorRtVersion.parse(text)


def options(command: list[str]) -> set[str]:
    return {word.split("=")[0] for word in command[1:]}


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("8.2.1", (8, 2, 1)),
        ("8.5", (8, 5, 0)),
        ("8201", (8, 2, 1)),
        ("v8502", (8, 5, 2)),
        ("100300", (10, 3, 0)),
        ("v101303", (10, 13, 3)),
        ("8.2.1-1+cuda10.2", (8, 2, 1)),
        ("10.3.0.30-1+cuda12.5", (10, 3, 0)),
        ("v11.1", (11, 1, 0)),
    ],
)
def test_that_a_version_is_read_however_it_is_written(text: str, parsed: tuple[int, ...]) -> None:
    assert TensorRtVersion.parse(text) == parsed


@pytest.mark.parametrize("text", ["", "latest", "8", "8.2.1; rm -rf /", "1234567"])
def test_that_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no version of TensorRT"):
        TensorRtVersion.parse(text)


def test_that_versions_are_ordered_by_their_numbers() -> None:
    assert version("8.6.1") < version("10.3.0") < version("10.13.3") < version("11.1")


def test_that_an_unlisted_version_speaks_as_the_newest_before_it() -> None:
    assert dialect_of(version("8.6.2")).version == "8.6.1"
    assert dialect_of(version("10.7.0")).version == "10.3.0"
    assert dialect_of(version("12.0.0")).version == "11.1.0"


def test_that_a_version_without_layer_times_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match=r"JetPack 4\.6\.1"):
        dialect_of(version("8.0.1"))


builds = st.builds(
    BuildSettings,
    precision=st.sampled_from(["f32", "f16", "i8", "best", "model", "bf16", "fp8"]),
    shapes=st.sampled_from([{}, {"image": SIZES}]),
    sparsity=st.booleans(),
    dla=st.sampled_from([None, 0, 1]),
    gpu_fallback=st.booleans(),
    workspace_mb=st.sampled_from([None, 256]),
    optimization_level=st.sampled_from([None, 3]),
    timing_cache=st.sampled_from([None, "/b/timing.cache"]),
)
timings = st.builds(
    TimingSettings,
    inferences=st.sampled_from([None, 10]),
    transfers=st.booleans(),
    spin_wait=st.booleans(),
    cuda_graph=st.booleans(),
    streams=st.integers(1, 3),
    shapes=st.sampled_from([{}, {"image": (1, 3, 64, 64)}]),
    dla=st.sampled_from([None, 0]),
)


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.version)
@settings(max_examples=30)
@given(build=builds, timing=timings)
def test_that_no_version_is_given_an_option_that_it_does_not_know(
    dialect: Dialect, build: BuildSettings, timing: TimingSettings
) -> None:
    known = dialect.known_options
    if build.precision in dialect.precisions:
        command = build_command(
            dialect.tensorrt, "m.onnx", "m.engine", build, layers="l.json", verbose=True
        )
        assert options(command) <= known
    assert options(timing_command(dialect.tensorrt, "m.engine", timing, EVERY)) <= known
    assert options(answers_command(dialect.tensorrt, "m.engine", {"x": "x.bin"}, "o.json")) <= known


@pytest.mark.parametrize("dialect", dialects(), ids=lambda dialect: dialect.version)
def test_that_every_version_times_alike_whatever_its_defaults(dialect: Dialect) -> None:
    command = timing_command(dialect.tensorrt, "m.engine", TimingSettings(), EVERY)
    assert {"--useSpinWait", "--useCudaGraph", "--noDataTransfers"} <= set(command)


def test_that_version_11_is_told_what_was_the_default_before() -> None:
    wanted = TimingSettings(transfers=True, spin_wait=False, cuda_graph=False)
    old = timing_command(version("8.5"), "m.engine", wanted, ResultFiles())
    new = timing_command(version("11.1"), "m.engine", wanted, ResultFiles())
    assert set(new) - set(old) == {"--includeDataTransfers", "--noSpinWait", "--noCudaGraph"}


def test_that_old_and_new_words_say_the_same() -> None:
    build = BuildSettings(workspace_mb=512)
    old = build_command(version("8.2.1"), "m.onnx", "m.engine", build)
    new = build_command(version("10.3"), "m.onnx", "m.engine", build)
    assert set(old) - set(new) == {"--workspace=512", "--buildOnly"}
    assert set(new) - set(old) == {"--memPoolSize=workspace:512", "--skipInference"}


def test_that_shapes_are_written_for_all_three() -> None:
    build = BuildSettings(shapes={"image": SIZES})
    command = build_command(version("8.5"), "m.onnx", "m.engine", build)
    assert "--minShapes=image:1x3x32x32" in command
    assert "--optShapes=image:4x3x64x64" in command
    assert "--maxShapes=image:8x3x96x96" in command


def test_that_version_11_takes_types_from_the_model_and_says_so() -> None:
    with pytest.raises(InputError, match="takes every type from the model"):
        build_command(version("11.1"), "m.onnx", "m.engine", BuildSettings(precision="f16"))
    typed = BuildSettings(precision="model")
    command = build_command(version("11.1"), "m.onnx", "m.engine", typed)
    assert not {"--fp16", "--int8", "--stronglyTyped"} & set(command)


@pytest.mark.parametrize("name", ["a:b", "a,b", "it's", "back\\slash", "new\nline"])
def test_that_a_name_that_would_be_cut_apart_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="Rename the tensor"):
        build_command(version("8.5"), "m", "e", BuildSettings(shapes={name: SIZES}))
    with pytest.raises(InputError, match="Rename the tensor"):
        answers_command(version("8.5"), "e", {name: "x.bin"}, "o.json")


def test_that_the_dla_is_named_again_when_its_engine_runs() -> None:
    built = build_command(version("8.5"), "m", "e", BuildSettings(dla=1))
    assert {"--useDLACore=1", "--allowGPUFallback"} <= set(built)
    strict = build_command(version("8.5"), "m", "e", BuildSettings(dla=1, gpu_fallback=False))
    assert "--allowGPUFallback" not in strict
    timed = timing_command(version("8.5"), "e", TimingSettings(dla=1), ResultFiles())
    assert "--useDLACore=1" in timed
