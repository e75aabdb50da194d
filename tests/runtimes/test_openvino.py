from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino
import pytest

from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes


def test_that_auto_means_what_openvino_takes_by_itself_on_this_processor(tiny_model: Path) -> None:
    compiled = openvino.Core().compile_model(str(tiny_model), "CPU")
    taken = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()

    assert runtimes()["openvino"].precisions()[0] == taken


@pytest.mark.parametrize(
    ("found", "precisions"),
    [
        (("avx2",), ("f32",)),
        (("avx2", "avx512", "vnni"), ("f32",)),
        (("avx2", "avx512", "vnni", "avx512_fp16"), ("f32",)),
        (("avx2", "avx512", "vnni", "avx512_bf16"), ("bf16", "f32")),
        (("avx2", "avx512", "vnni", "amx_int8", "amx_bf16"), ("bf16", "f32")),
    ],
)
def test_that_bf16_is_offered_first_exactly_where_the_processor_has_it(
    found: tuple[str, ...], precisions: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.runtimes.openvino_cpu.instructions", lambda: found)

    assert runtimes()["openvino"].precisions() == precisions


def test_that_a_model_with_fixed_sizes_gets_no_note(tiny_model: Path) -> None:
    session = runtimes()["openvino"].compile(tiny_model, RuntimeChoice(runtime="openvino"))
    notes = session.notes
    session.close()

    assert notes == ()


def _read_only(values: np.ndarray) -> np.ndarray:
    values = values.copy()
    values.flags.writeable = False
    return values


@pytest.mark.parametrize(
    "other",
    [
        _read_only,
        np.asfortranarray,
        lambda values: np.repeat(values, 2, axis=-1)[..., ::2],
        lambda values: values.astype(np.float64),
    ],
    ids=["read-only", "column by column", "with gaps", "float64"],
)
def test_that_it_does_not_matter_how_an_input_lies_in_memory(
    other: Callable[[np.ndarray], np.ndarray], tiny_model: Path
) -> None:
    session = runtimes()["openvino"].compile(tiny_model, RuntimeChoice(runtime="openvino"))
    (port,) = session.inputs
    values = np.random.default_rng(5).normal(size=[size or 1 for size in port.shape])
    values = values.astype(np.float32)
    expected = session.infer({port.name: values})
    session.infer({port.name: np.zeros_like(values)})
    found = session.infer({port.name: other(values)})
    session.close()

    assert all(np.array_equal(found[name], expected[name]) for name in expected)


def test_that_answers_stay_as_they_were_after_the_next_inference(tiny_model: Path) -> None:
    session = runtimes()["openvino"].compile(tiny_model, RuntimeChoice(runtime="openvino"))
    (port,) = session.inputs
    values = np.ones([size or 1 for size in port.shape], np.float32)
    first = session.infer({port.name: values})
    kept = {name: answer.copy() for name, answer in first.items()}
    session.infer({port.name: -values})
    session.close()

    assert all(np.array_equal(first[name], kept[name]) for name in kept)
