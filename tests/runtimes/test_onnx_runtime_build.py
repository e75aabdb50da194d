"""Which providers a build of ONNX Runtime holds is seen without importing it."""

from pathlib import Path

import onnxruntime
import pytest

from core.errors import UserError
from core.plan.plan import RuntimeChoice
from core.runtimes.feeds import made_up_feeds
from core.runtimes.onnx_runtime_build import OnnxRuntimeBuild, build_in, onnx_runtime_build
from core.runtimes.onnx_runtime_providers import OnnxRuntimeCuda, OnnxRuntimeTensorRt
from tests.runtimes.elsewhere import OnnxRuntimeElsewhere

GPU_BUILD = OnnxRuntimeBuild(
    "onnxruntime-gpu",
    "1.31.0",
    frozenset({"libonnxruntime_providers_cuda.so", "libonnxruntime_providers_tensorrt.so"}),
)


def test_that_the_installed_build_says_what_it_is() -> None:
    build = onnx_runtime_build()

    assert build.version == onnxruntime.__version__
    assert build.package.startswith("onnxruntime")


def test_that_a_build_is_read_from_what_lies_in_its_folder(tmp_path: Path) -> None:
    text = "package_name = 'onnxruntime-gpu'\n__version__ = '1.31.0'\ncuda_version = '13.0'\n"
    (tmp_path / "build_and_package_info.py").write_text(text)
    (tmp_path / "libonnxruntime_providers_cuda.so").touch()

    build = build_in(tmp_path)

    assert (build.package, build.version) == ("onnxruntime-gpu", "1.31.0")
    assert build.has_library("onnxruntime_providers_cuda")
    assert not build.has_library("onnxruntime_providers_tensorrt")


def test_that_what_is_installed_and_what_is_driven_both_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cuda = OnnxRuntimeCuda()
    module = "core.runtimes.onnx_runtime_providers"
    monkeypatch.setattr(f"{module}.nvidia_driver", lambda: False)
    monkeypatch.setattr(f"{module}.onnx_runtime_build", lambda: GPU_BUILD)
    assert "driver" in cuda.availability().reason

    monkeypatch.setattr(f"{module}.nvidia_driver", lambda: True)
    assert cuda.availability().version == "1.31.0"

    plain = OnnxRuntimeBuild("onnxruntime", "1.31.0")
    monkeypatch.setattr(f"{module}.onnx_runtime_build", lambda: plain)
    assert "onnxruntime-gpu" in cuda.availability().reason


def test_that_tf32_is_said_and_switched_off_for_f32(tiny_model: Path) -> None:
    cuda = OnnxRuntimeCuda()

    default = cuda.provider(tiny_model, RuntimeChoice(runtime=cuda.name))
    exact = cuda.provider(tiny_model, RuntimeChoice(runtime=cuda.name, precision="f32"))
    assert "TF32" in default.notes[0]
    assert (exact.notes, exact.options) == ((), {"use_tf32": "0"})


def test_that_int8_is_switched_on_for_quantized_models_only(
    tiny_model: Path, quantized_model: Path
) -> None:
    tensorrt, choice = OnnxRuntimeTensorRt(), RuntimeChoice(runtime="onnxruntime-tensorrt")

    assert tensorrt.provider(tiny_model, choice).options == {}
    assert tensorrt.provider(quantized_model, choice).options == {"trt_int8_enable": "1"}
    half = choice.model_copy(update={"precision": "f16"})
    assert tensorrt.provider(tiny_model, half).options == {"trt_fp16_enable": "1"}


def test_that_a_provider_that_is_not_there_is_never_replaced_by_the_cpu(tiny_model: Path) -> None:
    with pytest.raises(UserError) as caught:
        OnnxRuntimeCuda().compile(tiny_model, RuntimeChoice(runtime="onnxruntime-cuda"))

    assert "CUDAExecutionProvider" in caught.value.why
    assert "nothing is run on the CPU instead" in caught.value.remedy


def test_that_a_profile_without_a_saved_model_still_finds_layers_by_their_names(
    tiny_model: Path,
) -> None:
    class OwnKernels(OnnxRuntimeElsewhere):
        makes_own_kernels = True

    choice = RuntimeChoice(runtime="onnxruntime", threads=1)
    session = OwnKernels().compile(tiny_model, choice, profile=True)
    session.infer(made_up_feeds(session.inputs))
    ran = session.executed_layers()
    session.close()

    assert any(kernel.layers == ("head/Gemm",) for kernel in ran)
    assert all(kernel.milliseconds for kernel in ran)
