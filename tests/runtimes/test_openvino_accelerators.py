"""OpenVINO on GPUs and NPUs, as far as recorded properties and models go without such a device."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes
from core.runtimes.openvino_cpu import OpenVino
from core.runtimes.openvino_profile import kernels_of_counters
from core.runtimes.openvino_session import OpenVinoRuntime
from core.runtimes.openvino_survey import survey
from core.runtimes.origins import Origins
from tests.runtimes.recorded_processors import (
    BESIDE_NVIDIA,
    METEOR_LAKE,
    TWO_GPUS,
    RecordedCore,
)

Here = Callable[[Mapping[str, Any]], None]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Here:
    """Makes this computer look like a recorded one."""

    def put(properties: Mapping[str, Any]) -> None:
        found = survey(RecordedCore(properties))
        module = "core.runtimes.openvino_accelerators"
        monkeypatch.setattr(f"{module}.openvino_processors", lambda: found)
        monkeypatch.setattr(f"{module}.gpu_shown", lambda: True)
        monkeypatch.setattr(f"{module}.npu_shown", lambda: True)

    return put


def accelerator(name: str) -> OpenVinoRuntime:
    found = runtimes()[name]
    assert isinstance(found, OpenVinoRuntime)
    return found


def test_that_precisions_are_those_of_the_capabilities_with_the_default_first(here: Here) -> None:
    here(METEOR_LAKE)

    assert accelerator("openvino-gpu").precisions() == ("f16", "f32")
    assert accelerator("openvino-npu").precisions() == ("f16",)


def test_that_a_gpu_that_computes_in_f32_by_default_is_told_so(here: Here) -> None:
    here({"GPU": {**METEOR_LAKE["GPU"], "INFERENCE_PRECISION_HINT": "f32"}})

    assert accelerator("openvino-gpu").precisions() == ("f32", "f16")


def test_that_a_found_processor_can_be_used_and_a_second_one_that_is_not_there_cannot(
    here: Here,
) -> None:
    here(METEOR_LAKE)

    assert accelerator("openvino-gpu").availability().ok
    assert accelerator("openvino-npu").availability().ok
    assert "second GPU" in accelerator("openvino-gpu-1").availability().reason


def test_that_the_card_beside_the_gpu_in_the_processor_is_a_runtime_of_its_own(here: Here) -> None:
    here(TWO_GPUS)

    assert accelerator("openvino-gpu-1").availability().ok
    assert accelerator("openvino-gpu-1").device == "GPU.1"


def test_that_a_card_of_another_maker_is_left_to_that_makers_runtimes(here: Here) -> None:
    here(BESIDE_NVIDIA)

    assert "NVIDIA GeForce RTX 5090 D" in accelerator("openvino-gpu-1").availability().reason


def test_that_a_missing_driver_is_named_with_what_to_install(here: Here) -> None:
    here({"CPU": {}})

    reason = accelerator("openvino-gpu").availability().reason
    assert "intel-opencl-icd" in reason
    assert "libOpenCL.so.1" in reason


def test_that_the_default_of_fp16_is_said_and_what_is_chosen_is_not(here: Here) -> None:
    here(METEOR_LAKE)
    gpu = accelerator("openvino-gpu")

    assert "in f16 unless told" in gpu.words(RuntimeChoice(runtime=gpu.name))[0]
    assert gpu.words(RuntimeChoice(runtime=gpu.name, precision="f32")) == ()
    assert "Threads" in gpu.words(RuntimeChoice(runtime=gpu.name, precision="f32", threads=4))[0]


def test_that_an_npu_names_the_free_sizes_and_the_edit_that_fixes_them(
    here: Here, free_size_model: Path
) -> None:
    here(METEOR_LAKE)

    with pytest.raises(InputError) as caught:
        accelerator("openvino-npu").compile(free_size_model, RuntimeChoice(runtime="openvino-npu"))

    assert caught.value.why.endswith("image is 1,3,?,?.")
    assert "--set-shape image=1,3,?,?" in caught.value.remedy


def test_that_counters_without_an_execution_graph_still_find_their_layers(
    residual_model: Path,
) -> None:
    kinds = {
        "a/Conv": ("Convolution", "DPU"),
        "b/Conv?t_Convolution/tile_0": ("Convolution", "DPU"),
        "x/convert": ("Convert", "Shave"),
    }
    times = {"a/Conv": 0.5, "b/Conv?t_Convolution/tile_0": 0.25}

    ran = kernels_of_counters(kinds, times, Origins.of(residual_model))

    assert [(one.layers, one.milliseconds) for one in ran] == [
        (("a/Conv",), 0.5),
        (("b/Conv",), 0.25),
        ((), None),
    ]
    assert ran[2].converts
    assert {one.precision for one in ran} == {""}


def test_that_a_processor_behind_another_name_has_no_threads_of_the_cpu(tiny_model: Path) -> None:
    class Heterogeneous(OpenVino):
        device = "HETERO:CPU"

        def settable(self) -> frozenset[str]:
            return frozenset({"PERFORMANCE_HINT", "PERF_COUNT"})

    session = Heterogeneous().compile(tiny_model, RuntimeChoice(runtime="openvino", threads=1))
    threads, ran = session.threads, session.executed_layers()
    session.close()

    assert threads == 0
    assert any("body/Conv" in kernel.layers for kernel in ran)
