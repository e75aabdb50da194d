"""Profiles: what ran, what it belongs to, and how its sum compares with the clean latency."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.benchmark.conditions import Conditions
from core.benchmark.contender_process import Contender
from core.benchmark.explanations import why_not_faster
from core.benchmark.layer_profile import Kernel, LayerProfile, Role, take_profile
from core.benchmark.load import RoundWatch, Watch
from core.benchmark.precision_picture import picture_of
from core.benchmark.results import Estimate
from core.formats import format_of
from core.model.graph import LayerId, ModelGraph
from core.plan.plan import RuntimeChoice
from tests.benchmark.conftest import Stubs

CONV, RELU, DEPTHWISE, GEMM = "stem/Conv", "stem/Relu", "body/Conv", "head/Gemm"


def kernel(
    layers: Sequence[str],
    milliseconds: float,
    precision: str = "f32",
    role: Role = "layer",
    *,
    source: str = "",
    of_weight: bool = False,
) -> Kernel:
    return Kernel(
        name=f"{role} of {layers}",
        kind="Kind",
        kernel=f"kernel_{precision}",
        precision=precision,
        source_precision=source,
        milliseconds=milliseconds,
        layers=tuple(map(LayerId, layers)),
        role=role,
        of_weight=of_weight,
    )


def conversion(source: str, target: str, milliseconds: float, *, of_weight: bool = False) -> Kernel:
    return kernel([], milliseconds, target, "conversion", source=source, of_weight=of_weight)


def profile(
    *kernels: Kernel,
    clean: float | None = None,
    counting: float | None = None,
    disturbed: bool = False,
) -> LayerProfile:
    return LayerProfile(
        label="model · Runtime",
        model_sha256="0",
        choice=RuntimeChoice(runtime="onnxruntime"),
        threads=1,
        inferences=30,
        processes=3,
        kernels=kernels,
        with_counters_ms=counting,
        clean_ms=None if clean is None else Estimate(value=clean, low=clean, high=clean),
        disturbed=disturbed,
    )


@pytest.fixture(scope="module")
def graph(tiny_model: Path) -> ModelGraph:
    return format_of(tiny_model).read_graph(tiny_model)


# groups


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=3, unique=True),
            st.floats(0, 10),
            st.sampled_from(["layer", "conversion", "other"]),
        ),
        max_size=12,
    )
)
def test_that_every_layer_is_in_exactly_one_group_and_no_time_is_lost(
    parts: list[tuple[list[str], float, Role]],
) -> None:
    taken = profile(*(kernel(layers, ms, role=role) for layers, ms, role in parts))
    members = [layer for group in taken.groups() for layer in group.layers]
    grouped = sum(group.milliseconds for group in taken.groups())

    assert len(members) == len(set(members))
    assert set(taken.by_layer()) == set(members)
    assert set(members) == {one for layers, _, role in parts if role == "layer" for one in layers}
    total = grouped + taken.conversions_ms + taken.unattributed_ms
    assert total == pytest.approx(taken.counted_ms)


def test_that_kernels_that_share_a_layer_are_one_group_with_the_longest_first() -> None:
    (group,) = profile(kernel(["a"], 1, "f32"), kernel(["a", "b"], 3, "u8")).groups()

    assert group.layers == ("a", "b")
    assert group.milliseconds == 4
    assert group.precision == "u8"
    assert group.kernels == ("kernel_u8", "kernel_f32")


def test_that_a_profile_survives_being_written_and_read() -> None:
    taken = profile(kernel(["a"], 1), conversion("f32", "u8", 0.5), clean=2, counting=3)

    assert LayerProfile.model_validate_json(taken.model_dump_json()) == taken


# the sum against the clean latency


def test_that_the_difference_is_put_down_to_counting_and_to_gaps() -> None:
    said = profile(kernel(["a"], 80.0), clean=90.0, counting=100.0).difference

    assert "add up to 80.0 ms, 10.0 ms (11 %) less than the 90.0 ms" in said
    assert "Counting itself makes an inference 10.0 ms longer." in said
    assert "20.0 ms lay between the kernels" in said


def test_that_what_rounding_may_hide_is_said_for_short_models() -> None:
    said = profile(*[kernel(["a"], 0.01)] * 10, clean=0.11, counting=0.11).difference

    assert "fractions of a microsecond, up to 0.010 ms" in said


@pytest.mark.parametrize("disturbed", [True, False])
def test_that_a_busy_computer_is_said(disturbed: bool) -> None:
    said = profile(kernel(["a"], 1), clean=2, counting=2, disturbed=disturbed).difference

    assert ("Other programs" in said) is disturbed


# the picture


def test_that_the_picture_shares_out_time_and_operations_and_sums_up_conversions(
    graph: ModelGraph,
) -> None:
    taken = profile(
        kernel([CONV], 4, "u8"),
        kernel([GEMM], 4, "f32"),
        conversion("f32", "u8", 1),
        conversion("f32", "u8", 0.5),
        conversion("u8", "u8", 0.25),
        kernel([], 0.25, role="other"),
    )
    picture = picture_of(taken, graph)
    of = {share.precision: share for share in picture.shares}
    conv, gemm = (graph.by_id[LayerId(name)].operations or 0 for name in (CONV, GEMM))

    assert of["u8"].time_share == of["f32"].time_share == 0.4
    assert of["u8"].operations_share == pytest.approx(conv / (conv + gemm))
    assert picture.matrix == {("f32", "u8"): (2, 1.5), ("u8", "u8"): (1, 0.25)}
    whole = sum(share.milliseconds for share in picture.shares)
    assert whole + picture.conversions_ms + picture.unattributed_ms == picture.counted_ms


# why not faster

BEFORE = (kernel([CONV, RELU], 4), kernel([DEPTHWISE], 3), kernel([GEMM], 3))


def told(graph: ModelGraph, *compressed: Kernel) -> tuple[str, ...]:
    return why_not_faster(profile(*BEFORE), profile(*compressed), graph)


def test_that_nothing_is_told_of_a_model_that_gained_everywhere(graph: ModelGraph) -> None:
    after = (kernel([CONV, RELU], 1, "u8"), kernel([DEPTHWISE], 1, "u8"), kernel([GEMM], 1, "u8"))

    assert told(graph, *after) == ()


def test_that_an_activation_that_runs_apart_now_is_told_with_its_time(graph: ModelGraph) -> None:
    (said,) = told(
        graph,
        kernel([CONV], 2, "u8"),
        kernel([RELU], 8, "u8"),
        kernel([DEPTHWISE], 1, "u8"),
        kernel([GEMM], 1, "u8"),
    )

    assert said.startswith("INT8 is slower here because Relu no longer run")
    assert "8.00 ms" in said


def test_that_causes_are_told_the_heaviest_first(graph: ModelGraph) -> None:
    weights, between, depthwise, still = told(
        graph,
        conversion("i8", "f32", 6, of_weight=True),
        conversion("f32", "u8", 5),
        kernel([CONV, RELU], 1, "u8"),
        kernel([DEPTHWISE], 7, "u8"),
        kernel([GEMM], 3, "f32"),
    )

    assert "converting stored weights anew in every inference" in weights
    assert "i8 → f32 (6.00 ms)" in weights
    assert "f32 → u8 (5.00 ms)" in between
    assert "depthwise" in depthwise
    assert "7.00 ms instead of 3.00 ms" in depthwise
    assert f"still run in f32: 3.00 ms instead of 3.00 ms, most at “{GEMM}”" in still


def test_that_a_fall_back_to_a_slower_float_is_told(graph: ModelGraph) -> None:
    before = profile(kernel([CONV, RELU], 1, "bf16"), kernel([GEMM], 1, "bf16"))
    after = profile(kernel([CONV, RELU], 0.5, "u8"), kernel([GEMM], 3, "f32"))
    (said,) = why_not_faster(before, after, graph)

    assert "run in f32 instead of bf16: 3.00 ms instead of 1.00 ms" in said


# taking one


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_that_a_profile_of_fresh_processes_tells_every_layer_and_the_clean_latency(
    runtime: str,
    tiny_model: Path,
    graph: ModelGraph,
    real: Callable[[str, Path], Contender],
    quiet: Watch,
) -> None:
    taken = take_profile(
        real(runtime, tiny_model), inferences=5, processes=2, clean=True, watch=quiet
    )

    assert set(taken.by_layer()) == {layer.id for layer in graph.layers}
    assert taken.counted_ms > 0
    assert taken.unattributed_ms == 0
    assert taken.with_counters_ms is not None
    assert taken.clean_ms is not None
    assert taken.clean_ms.value > 0


@pytest.mark.parametrize("load", [0.0, 0.5])
def test_that_a_profile_tells_whether_other_programs_were_at_work(
    load: float, stubs: Stubs
) -> None:
    class Seen(RoundWatch):
        def conditions(self) -> Conditions:
            return Conditions(other_load=load)

    sleeper = stubs.add("a", sleep_ms=5)  # its own share of the processor says nothing
    taken = take_profile(sleeper, inferences=2, processes=1, launch=stubs.launch, watch=Seen)

    assert taken.disturbed is bool(load)


def test_that_a_contender_that_refuses_says_why(stubs: Stubs) -> None:
    from core.errors import UserError

    with pytest.raises(UserError):
        take_profile(stubs.add("no", refuses=True), processes=1, launch=stubs.launch)
