"""The parts of onnx that drawing a model takes: its messages and its native code.

Importing the whole package takes longer than reading a model of usual size, and nothing else of it
is needed for that. A later `import onnx` in the same process gets the same parts.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false
# (onnx's native module comes without types)

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

_NAME = "onnx"


@contextmanager
def _without_its_own_start() -> Generator[None]:
    """Inside, modules of the package are imported without running its `__init__`."""
    spec = None if _NAME in sys.modules else find_spec(_NAME)
    if spec is None or spec.submodule_search_locations is None:
        yield
        return
    package = ModuleType(_NAME)
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules[_NAME] = package
    try:
        yield
    finally:
        del sys.modules[_NAME]


with _without_its_own_start():
    from onnx import onnx_cpp2py_export as _native
    from onnx.onnx_ml_pb2 import (
        ModelProto,
        NodeProto,
        SparseTensorProto,
        TensorProto,
        TypeProto,
        ValueInfoProto,
    )

if TYPE_CHECKING:
    from onnx.defs import OpSchema

__all__ = [
    "InferenceFailed",
    "ModelProto",
    "NodeProto",
    "SparseTensorProto",
    "TensorProto",
    "TypeProto",
    "ValueInfoProto",
    "infer_shapes",
    "newest_opset",
    "schema_of",
]

InferenceFailed: tuple[type[Exception], ...] = (
    _native.shape_inference.InferenceError,
    _native.checker.ValidationError,
    RuntimeError,
)
"""What `infer_shapes` raises for models that are not consistent."""


def infer_shapes(model: ModelProto, *, data_prop: bool = False) -> ModelProto:
    """As onnx.shape_inference.infer_shapes."""
    content = _native.shape_inference.infer_shapes(
        model.SerializeToString(), False, False, data_prop
    )
    return ModelProto.FromString(content)


def schema_of(operator: str, version: int, domain: str) -> "OpSchema | None":
    """The definition that holds in this opset, or None where there is none."""
    try:
        return _native.defs.get_schema(operator, version, domain)
    except _native.defs.SchemaError:
        return None


def newest_opset() -> int:
    """Of the standard's operators."""
    return _native.defs.schema_version_map()[""][1]
