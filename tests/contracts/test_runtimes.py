"""What every runtime promises, checked on each usable here and on the paths to other processors."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.devices import devices
from core.errors import InputError, UserError
from core.plan.checks import PRECISIONS
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes, runtimes
from core.runtimes.base import Runtime, Session
from core.runtimes.feeds import made_up_feeds
from tests.runtimes.elsewhere import ELSEWHERE

EVERY = (*available_runtimes(), *ELSEWHERE)
CLOSE = {"f32": 1e-4, "tf32": 1e-2, "f16": 1e-2, "bf16": 1e-1}
"""How far answers may lie apart, by what they were computed in."""


@pytest.fixture(params=EVERY, ids=lambda runtime: runtime.name)
def runtime(request: pytest.FixtureRequest) -> Runtime:
    return request.param


@pytest.fixture
def precision(runtime: Runtime) -> str:
    """The most exact that a runtime computes in: an NPU has no float32."""
    return min(runtime.precisions(), key=lambda name: CLOSE[name])


@pytest.fixture
def session(runtime: Runtime, precision: str, tiny_model: Path) -> Iterator[Session]:
    session = runtime.compile(tiny_model, RuntimeChoice(runtime=runtime.name, precision=precision))
    yield session
    session.close()


def test_that_both_runtimes_are_there_and_none_failed_to_load() -> None:
    assert runtimes().failed == {}
    assert {runtime.name for runtime in EVERY} >= {"onnxruntime", "openvino"}


def test_that_a_runtime_that_cannot_be_used_says_why_and_starts_nothing() -> None:
    missing = [runtime for runtime in runtimes() if not runtime.availability().ok]

    for runtime in missing:
        assert len(runtime.availability().reason) > 15
        assert runtime.precisions()


def test_that_a_runtime_names_a_kind_of_device_and_an_engine_that_exist() -> None:
    for runtime in runtimes():
        assert runtime.device_kind in devices()
        assert (runtime.engine or runtime.name) in runtimes()


def test_that_a_usable_runtime_tells_its_version_and_its_precisions(runtime: Runtime) -> None:
    assert runtime.availability().version[0].isdigit()
    assert 1 <= len(runtime.precisions()) == len(set(runtime.precisions()))
    assert set(runtime.precisions()) < set(PRECISIONS)


def test_that_ports_are_told_as_the_model_has_them(session: Session) -> None:
    (image,), (scores,) = session.inputs, session.outputs

    assert (image.name, image.dtype, image.shape) == ("image", "float32", (1, 3, 16, 16))
    assert (scores.name, scores.dtype, scores.shape) == ("scores", "float32", (1, 4))


def test_that_returned_arrays_stay_valid_after_the_next_inference(session: Session) -> None:
    random = np.random.default_rng(0)
    first = session.infer({"image": random.random((1, 3, 16, 16), np.float32)})["scores"]
    kept = first.copy()
    second = session.infer({"image": random.random((1, 3, 16, 16), np.float32)})["scores"]

    np.testing.assert_array_equal(first, kept)
    assert not np.array_equal(first, second)


def test_that_all_runtimes_compute_the_same(
    session: Session, precision: str, tiny_model: Path
) -> None:
    feeds = made_up_feeds(session.inputs)
    other = runtimes()["onnxruntime"].compile(tiny_model, RuntimeChoice(runtime="onnxruntime"))
    expected = other.infer(feeds)["scores"]
    other.close()

    close = CLOSE[precision]
    np.testing.assert_allclose(session.infer(feeds)["scores"], expected, rtol=close, atol=close)


def test_that_every_weighted_layer_is_found_among_what_ran(
    session: Session, precision: str
) -> None:
    ran = session.executed_layers()

    precisions = {layer: kernel.precision for kernel in ran for layer in kernel.layers}
    for layer in ("stem/Conv", "body/Conv", "head/Gemm"):
        assert precisions[layer] in {precision, ""}
    assert all(kernel.milliseconds is None for kernel in ran)


def test_that_a_relu_fused_into_its_convolution_is_found_with_it(session: Session) -> None:
    together = [set(kernel.layers) for kernel in session.executed_layers()]

    assert any({"stem/Conv", "stem/Relu"} <= layers for layers in together)


def test_that_times_come_with_a_profile(runtime: Runtime, tiny_model: Path) -> None:
    choice = RuntimeChoice(runtime=runtime.name)
    session = runtime.compile(tiny_model, choice, profile=True)
    session.infer(made_up_feeds(session.inputs))
    timed = [kernel for kernel in session.executed_layers() if kernel.milliseconds is not None]
    session.close()

    assert any("body/Conv" in kernel.layers for kernel in timed)


def test_that_the_number_of_threads_is_obeyed(runtime: Runtime, tiny_model: Path) -> None:
    session = runtime.compile(tiny_model, RuntimeChoice(runtime=runtime.name, threads=1))
    threads = session.threads
    session.close()

    assert threads == (1 if runtime.device_kind == "local" else 0)


def test_that_a_free_batch_is_run_as_one(runtime: Runtime, free_batch_model: Path) -> None:
    session = runtime.compile(free_batch_model, RuntimeChoice(runtime=runtime.name))
    feeds = made_up_feeds(session.inputs)
    answer = session.infer(feeds)["scores"]
    session.close()

    assert feeds["image"].shape == (1, 3, 16, 16)
    assert answer.shape == (1, 4)


def test_that_every_stream_answers_a_batch_at_the_same_time(
    runtime: Runtime, precision: str, free_batch_model: Path, tiny_model: Path
) -> None:
    choice = RuntimeChoice(runtime=runtime.name, precision=precision, streams=2, batch=3, threads=2)
    session = runtime.compile(free_batch_model, choice)
    feeds = made_up_feeds(session.inputs, choice.batch)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda infer: infer(feeds)["scores"], session.lanes))
    threads = session.threads
    session.close()
    alone = runtime.compile(tiny_model, RuntimeChoice(runtime=runtime.name, precision=precision))
    single = alone.infer({"image": feeds["image"][:1]})["scores"]
    alone.close()

    assert len(answers) == 2
    assert threads == (2 if runtime.device_kind == "local" else 0)
    for answer in answers:
        assert answer.shape == (3, 4)
        np.testing.assert_allclose(answer[:1], single, rtol=CLOSE[precision], atol=1e-5)


def test_that_a_batch_is_refused_by_a_model_with_another(
    runtime: Runtime, tiny_model: Path
) -> None:
    with pytest.raises(InputError, match="with 3 inputs at once"):
        runtime.compile(tiny_model, RuntimeChoice(runtime=runtime.name, batch=3))


def test_that_a_precision_that_this_computer_lacks_is_refused(
    runtime: Runtime, tiny_model: Path
) -> None:
    choice = RuntimeChoice(runtime=runtime.name, precision="f8")

    with pytest.raises(InputError) as caught:
        runtime.compile(tiny_model, choice)

    assert "f8" in caught.value.what
    assert runtime.precisions()[0] in caught.value.why


def test_that_a_file_that_is_no_model_is_refused_in_sentences(
    runtime: Runtime, tmp_path: Path
) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"this is no model")

    with pytest.raises(UserError) as caught:
        runtime.compile(path, RuntimeChoice(runtime=runtime.name))

    assert "broken.onnx" in caught.value.what
    assert caught.value.remedy.endswith(".")


def test_that_a_wrong_input_shape_is_refused_in_sentences(session: Session) -> None:
    with pytest.raises(UserError):
        session.infer({"image": np.zeros((1, 3, 20, 16), np.float32)})
