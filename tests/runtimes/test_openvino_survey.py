"""OpenVINO's GPUs and NPUs: what it tells about them, and what becomes of it when a driver dies."""

import sys

import openvino

from core.processes import own_command
from core.runtimes.openvino_survey import ask_in_process, survey
from tests.runtimes.recorded_processors import (
    BESIDE_NVIDIA,
    METEOR_LAKE,
    TWO_GPUS,
    RecordedCore,
)


def test_that_a_gpu_and_an_npu_are_described_by_their_own_properties() -> None:
    gpu, npu = survey(RecordedCore(METEOR_LAKE)).processors

    assert (gpu.name, gpu.integrated, gpu.units) == ("Intel(R) Arc(TM) Graphics (iGPU)", True, 128)
    assert gpu.capabilities == ("FP32", "BIN", "FP16", "INT8", "EXPORT_IMPORT")
    assert (npu.architecture, npu.driver, npu.memory_bytes) == ("3720", "1738334590", 32924782592)
    assert gpu.default_precision == npu.default_precision == "f16"
    assert "PERF_COUNT" in gpu.settable
    assert "FULL_DEVICE_NAME" not in gpu.settable


def test_that_two_gpus_are_told_apart_by_their_numbers() -> None:
    found = survey(RecordedCore(TWO_GPUS))

    first, second = found.find("GPU", 0), found.find("GPU", 1)
    assert first is not None and "UHD" in first.name
    assert second is not None and "A770" in second.name
    assert found.find("GPU", 2) is None


def test_that_the_only_gpu_is_the_first_one() -> None:
    assert survey(RecordedCore(METEOR_LAKE)).find("GPU", 0) is not None


def test_that_a_gpu_of_another_maker_is_known_as_such_and_its_gaps_stay_open() -> None:
    other = survey(RecordedCore(BESIDE_NVIDIA)).find("GPU", 1)

    assert other is not None
    assert not other.of_intel
    assert (other.capabilities, other.units, other.default_precision) == ((), None, "")


def test_that_the_type_of_the_default_precision_is_read_from_openvinos_own_class() -> None:
    properties = {"GPU": {**METEOR_LAKE["GPU"], "INFERENCE_PRECISION_HINT": openvino.Type.f16}}

    assert survey(RecordedCore(properties)).processors[0].default_precision == "f16"


def test_that_the_missing_library_is_named_where_no_gpu_is_found() -> None:
    found = survey(RecordedCore({"CPU": {}}))

    assert found.processors == ()
    assert found.problems["GPU"].startswith("libOpenCL.so.1: cannot open")


def test_that_this_computer_answers_from_a_process_of_its_own() -> None:
    found = ask_in_process(own_command("survey"))

    told = {one.kind for one in found.processors} | set(found.problems)
    assert told == {"GPU", "NPU"}
    assert "process" not in found.problems.get("NPU", "")


def test_that_a_driver_that_kills_its_process_takes_nobody_with_it() -> None:
    found = ask_in_process([sys.executable, "-c", "import os; os.abort()"])

    assert found.processors == ()
    assert "SIGABRT" in found.problems["GPU"]


def test_that_a_driver_that_never_answers_is_given_up() -> None:
    waits = "import signal; signal.pause()"

    assert "gave no answer" in ask_in_process([sys.executable, "-c", waits], 0.1).problems["NPU"]


def test_that_an_answer_that_makes_no_sense_is_said_to_be_so() -> None:
    found = ask_in_process([sys.executable, "-c", "print('Segmentation fault')"])

    assert found.problems["GPU"] == "its answer could not be read"
