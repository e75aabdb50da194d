from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from core.benchmark.protocol import conditions_in_words
from core.benchmark.provenance import Place, bytes_on_disk, differences, library_versions
from core.benchmark.results import Provenance
from core.benchmark.samples import Samples, TimedBlock
from core.devices.base import DeviceState
from core.plan.plan import RuntimeChoice


def provenance_of(model: Path, threads: int = 1) -> Provenance:
    place = Place.here()
    choice = RuntimeChoice(runtime="onnxruntime")
    return place.provenance(place.state(), model, choice, "1.0", threads)


def test_that_results_from_one_place_may_be_compared(tiny_model: Path) -> None:
    assert differences(provenance_of(tiny_model), provenance_of(tiny_model)) == ()


def test_that_every_difference_of_place_is_named(tiny_model: Path) -> None:
    here = provenance_of(tiny_model)
    device = here.device.model_copy(update={"processor": "Other"})
    versions = {**here.versions, "openvino": "2020.1"}
    there = here.model_copy(update={"device": device, "threads": 4, "versions": versions})

    found = differences(here, there)

    assert len(found) == 3
    assert any("Other" in sentence for sentence in found)
    assert any("same threads: 1 and 4" in sentence for sentence in found)
    assert any("version of openvino" in sentence for sentence in found)


def test_that_the_libraries_that_figures_depend_on_are_recorded() -> None:
    assert {"onnxruntime", "openvino", "numpy"} <= set(library_versions())


def test_that_external_data_counts_to_a_models_size(tiny_model: Path, tmp_path: Path) -> None:
    model = onnx.load(tiny_model)
    big = numpy_helper.from_array(np.zeros(5000, np.float32), "padding")
    model.graph.initializer.append(big)
    path = tmp_path / "outside.onnx"
    onnx.save(model, path, save_as_external_data=True, location="weights.bin", size_threshold=1024)

    expected = path.stat().st_size + (tmp_path / "weights.bin").stat().st_size
    assert bytes_on_disk(path) == expected
    assert bytes_on_disk(tiny_model) == tiny_model.stat().st_size


def test_that_heat_and_other_load_are_said() -> None:
    quiet = TimedBlock(contender="a", process=0, round=0, samples_ms=(1.0,))
    noisy = quiet.model_copy(update={"round": 1, "disturbed": True})

    assert conditions_in_words(Samples(blocks=(quiet,)), DeviceState()) == ()
    (hot,) = conditions_in_words(Samples(blocks=(quiet,)), DeviceState(throttled=True))
    assert "heat" in hot
    (busy,) = conditions_in_words(Samples(blocks=(noisy,)), DeviceState())
    assert "1 of 1 rounds (other programs used more than 10 % of the processor)" in busy
    (left,) = conditions_in_words(Samples(blocks=(quiet, noisy)), DeviceState())
    assert left.startswith("Rounds left out of the figures: 1 of 2 (other programs")
    hotter = noisy.model_copy(update={"disturbances": ("clock", "heat")})
    (both,) = conditions_in_words(Samples(blocks=(hotter,)), DeviceState())
    assert "clock moved by more than 2 %; the processor’s temperature" in both


def test_that_a_processor_whose_speed_jumps_is_said() -> None:
    def blocks(slow: float) -> Samples:
        return Samples(
            blocks=tuple(
                TimedBlock(contender=name, process=process, round=number, samples_ms=(time,))
                for name in "ab"
                for process in range(3)
                for number, time in enumerate((1.0, slow, 1.0, slow))
            )
        )

    assert conditions_in_words(blocks(1.02), DeviceState()) == ()
    (jumpy,) = conditions_in_words(blocks(1.4), DeviceState())
    assert "jumped by some 17 % from block to block" in jumpy
