from pathlib import Path

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
