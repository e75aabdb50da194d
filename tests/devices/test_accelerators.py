"""GPUs and NPUs of this computer, from what their drivers told on real ones."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.devices import devices, find_device, nvidia_queries, open_ground
from core.devices.base import DeviceFacts
from core.devices.device_nodes import gpu_shown, npu_shown, nvidia_driver
from core.devices.intel_accelerators import intel_gpu_clock
from core.devices.nvidia_gpu import formats_of, in_words
from core.devices.runtimes_of import accelerator_of
from core.runtimes.openvino_survey import survey
from tests.runtimes.recorded_processors import (
    BESIDE_NVIDIA,
    METEOR_LAKE,
    TWO_GPUS,
    RecordedCore,
)

NVIDIA_SMI = """#!/bin/sh
case "$1" in *compute_cap*) {newer} ;; esac
echo "NVIDIA GeForce RTX 3060, 12288, 470.57.02, 1777, 71, 98, 0x0000000000000020{capability}"
echo "NVIDIA T1000, 4096, 470.57.02, [N/A], 41, [Not Supported], [N/A]{second}"
"""


def look_like(monkeypatch: pytest.MonkeyPatch, properties: Mapping[str, Any]) -> None:
    found = survey(RecordedCore(properties))
    for module in ("core.devices.intel_accelerators", "core.runtimes.openvino_accelerators"):
        monkeypatch.setattr(f"{module}.openvino_processors", lambda: found)
        monkeypatch.setattr(f"{module}.gpu_shown", lambda: True)
        monkeypatch.setattr(f"{module}.npu_shown", lambda: True)


def scanned(kind: str) -> tuple[DeviceFacts, ...]:
    return devices()[kind].scan()


def test_that_a_gpu_tells_name_memory_capabilities_and_its_own_runtimes_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look_like(monkeypatch, METEOR_LAKE)
    (gpu,) = scanned("intel-gpu")

    assert (gpu.id, gpu.name) == ("intel-gpu", "Intel(R) Arc(TM) Graphics (iGPU)")
    assert (gpu.architecture, gpu.cores, gpu.memory_bytes) == ("v12.71.4", 128, 30477434880)
    assert gpu.boost == "In the processor: FP32, FP16, INT8"
    assert "no matrix units" in gpu.boost_detail
    assert list(gpu.runtimes) == ["openvino-gpu"]
    assert find_device("intel-gpu") == gpu
    with open_ground("intel-gpu") as ground:
        assert ground.runtimes == ("openvino-gpu",)


def test_that_an_npu_tells_its_generation_and_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    look_like(monkeypatch, METEOR_LAKE)
    (npu,) = scanned("intel-npu")

    assert (npu.architecture, npu.driver, npu.cores) == ("3720", "1738334590", 2)
    assert npu.boost == "NPU 3720: FP16, INT8"
    assert "fixed sizes" in npu.boost_detail
    assert list(npu.runtimes) == ["openvino-npu"]


def test_that_two_gpus_are_two_devices_each_with_its_runtime(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look_like(monkeypatch, TWO_GPUS)
    first, second = scanned("intel-gpu")

    assert (first.id, list(first.runtimes)) == ("intel-gpu", ["openvino-gpu"])
    assert (second.id, list(second.runtimes)) == ("intel-gpu-1", ["openvino-gpu-1"])
    assert "matrix units (XMX), which" in second.boost_detail


def test_that_a_card_of_another_maker_is_no_intel_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    look_like(monkeypatch, BESIDE_NVIDIA)

    assert [facts.id for facts in scanned("intel-gpu")] == ["intel-gpu"]


def test_that_what_computed_is_known_by_the_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    look_like(monkeypatch, METEOR_LAKE)

    assert accelerator_of("openvino-npu") == "Intel(R) AI Boost, driver 1738334590"
    assert accelerator_of("openvino-gpu-1") == accelerator_of("onnxruntime") == ""


def test_that_nobody_is_asked_where_the_system_shows_no_such_device(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def asked() -> None:
        raise AssertionError("a driver was loaded")

    module = "core.devices.intel_accelerators"
    monkeypatch.setattr(f"{module}.openvino_processors", asked)
    monkeypatch.setattr(f"{module}.gpu_shown", lambda: False)
    monkeypatch.setattr(f"{module}.npu_shown", lambda: False)

    assert scanned("intel-gpu") == scanned("intel-npu") == ()

    monkeypatch.setattr(f"{module}.gpu_shown", lambda: True)
    assert devices()["intel-gpu"].find("local") is None


@pytest.mark.parametrize(
    ("node", "seen"),
    [
        ("dev/dri/renderD128", (True, False, False)),
        ("dev/accel/accel0", (False, True, False)),
        ("dev/dxg", (True, False, True)),
        ("proc/driver/nvidia/version", (False, False, True)),
        ("dev/dri/card0", (False, False, False)),
    ],
)
def test_that_linux_shows_accelerators_by_their_nodes(
    node: str, seen: tuple[bool, bool, bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    (tmp_path / node).parent.mkdir(parents=True)
    (tmp_path / node).touch()

    assert (gpu_shown(tmp_path), npu_shown(tmp_path), nvidia_driver(tmp_path)) == seen


def test_that_the_clock_of_an_intel_gpu_is_read_where_its_driver_shows_it(tmp_path: Path) -> None:
    assert intel_gpu_clock(tmp_path) is None

    card = tmp_path / "sys/class/drm/card0"
    card.mkdir(parents=True)
    (card / "device/tile0/gt0/freq0/cur_freq").mkdir(parents=True)  # refuses to be read
    (card / "gt_cur_freq_mhz").write_text("1350\n")
    assert intel_gpu_clock(tmp_path) == 1350


@pytest.fixture
def nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A driver's program that knows every field; beside it no bindings."""
    program = tmp_path / "nvidia-smi"
    text = NVIDIA_SMI.format(newer="", capability=", 8.6", second=", 7.5")
    program.write_text(text)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(nvidia_queries.util, "find_spec", lambda name: None)
    monkeypatch.setattr("core.devices.nvidia_gpu.nvidia_driver", lambda: True)
    return program


def test_that_nvidias_own_program_tells_gpus_and_leaves_open_what_they_do_not_say(
    nvidia_smi: Path,
) -> None:
    first, second = scanned("nvidia-gpu")

    assert (first.id, second.id) == ("nvidia-gpu", "nvidia-gpu-1")
    assert (first.name, first.memory_bytes, first.driver) == (
        *("NVIDIA GeForce RTX 3060", 12 << 30, "470.57.02"),
    )
    assert (first.compute_capability, first.architecture) == ("8.6", "sm_86")
    assert set(first.missing_runtimes) >= {"onnxruntime-cuda", "onnxruntime-tensorrt"}


def test_that_heat_that_slows_a_gpu_is_told_and_idling_is_not(nvidia_smi: Path) -> None:
    kind = devices()["nvidia-gpu"]
    hot, other = (kind.state(facts) for facts in kind.scan())

    assert (hot.clock_mhz, hot.temperature_celsius, hot.load) == (1777, 71, 0.98)
    assert hot.throttled
    assert (other.clock_mhz, other.load, other.throttled) == (None, None, None)


def test_that_an_older_driver_without_a_field_still_tells_the_rest(nvidia_smi: Path) -> None:
    nvidia_smi.write_text(NVIDIA_SMI.format(newer="exit 2", capability="", second=""))
    first, _ = scanned("nvidia-gpu")

    assert first.name == "NVIDIA GeForce RTX 3060"
    assert first.compute_capability == ""
    assert first.boost == "Compute capability not known"


@pytest.mark.parametrize("code", [0, 9])
def test_that_a_driver_that_fails_means_no_gpu(code: int, nvidia_smi: Path) -> None:
    nvidia_smi.write_text(f"#!/bin/sh\necho 'No devices were found'\nexit {code}\n")

    assert scanned("nvidia-gpu") == ()


@pytest.mark.parametrize(
    ("capability", "formats", "advice"),
    [
        ("5.3", ("FP32", "FP16"), "Try FP16 first"),
        ("6.1", ("FP32", "INT8"), "Try INT8"),
        ("6.2", ("FP32", "FP16"), "Try FP16 first"),
        ("7.5", ("FP32", "FP16", "INT8"), "Try FP16 first"),
        ("8.7", ("FP32", "FP16", "INT8", "TF32", "BF16"), "2:4"),
        ("9.0", ("FP32", "FP16", "INT8", "TF32", "BF16", "FP8"), "2:4"),
        ("5.0", ("FP32",), "Stay in FP32"),
    ],
)
def test_that_a_compute_capability_says_which_formats_are_fast(
    capability: str, formats: tuple[str, ...], advice: str
) -> None:
    assert formats_of(capability) == formats
    assert advice in in_words(capability)[1]
