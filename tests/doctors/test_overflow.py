"""The NaN doctor, on models that overflow in the middle, hold NaN, or are cut off by INT8."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from core.data.contract import PreprocessingContract
from core.doctors.base import Diagnosis
from core.formats import read_graph
from core.model.graph import LayerId
from core.model.identity import stamp
from core.plan.apply import apply_plan
from core.plan.plan import CompressionPlan, Step
from tests.doctors.ill_models import with_weight

Ask = Callable[..., Diagnosis]

FP16 = CompressionPlan(name="FP16", steps=(Step(technique="fp16", default={}),))
UNIT = PreprocessingContract(width=16, height=16, resize="stretch")


def test_that_the_first_layer_beyond_fp16_is_named_and_keeping_what_touches_it_mends_it(
    ask: Ask, overflowing: Path, coloured: Path
) -> None:
    said = ask("overflow", overflowing, coloured, plan=FP16, contract=UNIT)

    assert not said.healthy
    (finding,) = said.findings
    assert finding.layer == "huge"
    assert finding.tensor == "huge"
    assert "65504" in " ".join(finding.facts)
    keeping = finding.remedies[0]
    assert keeping.basis == "measured"
    assert keeping.plan is not None
    kept = [
        layer for layer in (LayerId("huge"), LayerId("small")) if keeping.plan.choice(layer) is None
    ]
    assert kept == ["huge", "small"]
    again = ask("overflow", overflowing, coloured, plan=keeping.plan, contract=UNIT)
    assert again.healthy, again.sentence
    assert "would overflow" in again.notes[0]


def test_that_a_compressed_file_is_watched_and_its_first_broken_tensor_traced_to_its_layer(
    ask: Ask, uneven: Path, coloured: Path, tmp_path: Path
) -> None:
    copy, compressed = tmp_path / "copy.onnx", tmp_path / "compressed.onnx"
    stamp(uneven, copy)
    plan = CompressionPlan(name="INT8", steps=(Step(technique="int8-weights", default={}),))
    apply_plan(plan, copy, compressed, read_graph(copy))
    broken = onnx.load(compressed)
    (scale,) = (t for t in broken.graph.initializer if t.name == "uneven.weight/scale")
    scale.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(scale) * np.nan, scale.name))
    onnx.save(broken, compressed)

    said = ask("overflow", uneven, coloured, plan=plan, compressed=compressed, contract=UNIT)

    (finding,) = said.findings
    assert finding.layer == "uneven"
    assert "when compressed" in finding.title
    assert finding.remedies[0].plan is not None
    assert finding.remedies[0].plan.choice(LayerId("uneven")) is None


@pytest.mark.parametrize(("value", "word"), [(np.nan, "NaN"), (np.inf, "infinite")])
def test_that_weights_that_are_no_numbers_are_told_before_anything_else(
    ask: Ask, uneven: Path, coloured: Path, tmp_path: Path, value: float, word: str
) -> None:
    def spoil(values: np.ndarray) -> np.ndarray:
        values.flat[0] = value
        return values

    ill = with_weight(uneven, tmp_path / "ill.onnx", "mix.weight", spoil)
    said = ask("overflow", ill, coloured, contract=UNIT)

    assert [finding.layer for finding in said.findings] == ["mix"]
    assert word in said.findings[0].title
    assert "1 of 64 numbers" in said.findings[0].facts[0]


def test_that_a_sound_model_is_called_sound_with_its_ranges(
    ask: Ask, uneven: Path, coloured: Path
) -> None:
    said = ask("overflow", uneven, coloured, plan=FP16, contract=UNIT)

    assert said.healthy
    assert said.findings == ()
    assert len(said.tables[0].rows) == 8
