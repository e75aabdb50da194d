"""Drawing a model takes parts of onnx; the rest of it may follow in the same process."""

import subprocess
import sys
from pathlib import Path

from onnx import TensorProto, helper

from core.model.constants import integers_of
from core.model.onnx_parts import infer_shapes, newest_opset, schema_of

ROOT = Path(__file__).parents[2]

_READ_THEN_IMPORT_ALL = """
import sys
sys.path.insert(0, sys.argv[1])
from core.model.onnx_parts import ModelProto, infer_shapes
assert "onnx" not in sys.modules and "pydantic" not in sys.modules
import onnx, onnx.checker, onnx.parser, onnx.version_converter
assert onnx.ModelProto is ModelProto
text = '<ir_version: 8, opset_import: ["" : 15]> g (float[2] x) => (float[M] y) { y = Relu(x) }'
model = onnx.parser.parse_model(text)
onnx.checker.check_model(onnx.version_converter.convert_version(model, 17))
assert infer_shapes(model) == onnx.shape_inference.infer_shapes(model)
"""


def test_that_all_of_onnx_works_after_its_parts_were_imported(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _READ_THEN_IMPORT_ALL, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert done.returncode == 0, done.stderr


def test_that_parts_answer_as_onnx_does() -> None:
    from onnx import defs

    conv = schema_of("Conv", 11, "")
    assert conv is not None
    assert conv.since_version == 11
    assert schema_of("Nonesuch", 11, "") is None
    assert newest_opset() == defs.onnx_opset_version()
    assert infer_shapes(helper.make_model(helper.make_graph([], "empty", [], []))).graph.name


def test_that_small_integers_are_read_however_they_are_stored() -> None:
    for kind in (TensorProto.INT64, TensorProto.INT32, TensorProto.UINT8):
        listed = helper.make_tensor("t", kind, [2, 1], [3, 4])
        raw = helper.make_tensor("t", kind, [1], b"\x05".ljust(_BYTES[kind], b"\0"), raw=True)
        assert integers_of(listed) == (3, 4)
        assert integers_of(raw) == (5,)


_BYTES = {TensorProto.INT64: 8, TensorProto.INT32: 4, TensorProto.UINT8: 1}


def test_that_integers_that_are_fewer_than_said_or_lie_elsewhere_are_not_known() -> None:
    short = helper.make_tensor("t", TensorProto.INT64, [1], b"\0" * 8, raw=True)
    short.dims[0] = 2
    elsewhere = TensorProto(data_type=TensorProto.INT64, dims=[1])
    elsewhere.data_location = TensorProto.EXTERNAL
    assert integers_of(short) is None
    assert integers_of(elsewhere) is None
