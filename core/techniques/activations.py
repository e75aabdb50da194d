"""Runs a model in ONNX Runtime and hands out its activations, in memory of bounded size."""
# onnxruntime has no stubs, onnx and numpy leave a few types open:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core.errors import UserError
from core.techniques.base import Feeds
from core.techniques.editing import ModelEdit, save_model, taken_by

if TYPE_CHECKING:
    import numpy as np
    import onnx
    import onnxruntime

GROUP_BYTES = 256 << 20
"""Activations fetched at once; one larger than this is fetched alone."""

_FIRST_GROUP = 8
"""Activations fetched at once while their sizes are not known yet."""


class ActivationRunner:
    """Runs a model in ONNX Runtime and hands out chosen activations."""

    def __init__(self, model: "onnx.ModelProto", names: tuple[str, ...], scratch: Path) -> None:
        inputs = {value.name for value in model.graph.input}
        made = [name for name in names if name not in inputs]
        self._session = _session(_with_outputs(model, made, scratch)) if made else None
        self._names = names
        self._bytes: dict[str, int] = {}

    def activations(
        self, inputs: Feeds, names: tuple[str, ...] | None = None
    ) -> "Iterator[tuple[str, np.ndarray]]":
        """Name and values of each activation for one input, in groups of bounded size.

        What is an input of the model itself is handed out without running it.
        """
        wanted = self._names if names is None else names
        yield from ((name, inputs[name]) for name in wanted if name in inputs)
        for group in self._groups([name for name in wanted if name not in inputs]):
            for name, values in zip(group, self._run(group, inputs), strict=True):
                self._bytes[name] = values.nbytes
                yield name, values

    def _groups(self, names: Sequence[str]) -> Iterator[list[str]]:
        unknown = GROUP_BYTES // _FIRST_GROUP
        group: list[str] = []
        total = 0
        for name in names:
            size = self._bytes.get(name, unknown)
            if group and total + size > GROUP_BYTES:
                yield group
                group, total = [], 0
            group.append(name)
            total += size
        if group:
            yield group

    def _run(self, names: list[str], inputs: Feeds) -> "Sequence[np.ndarray]":
        assert self._session is not None
        try:
            return cast("list[np.ndarray]", self._session.run(names, dict(inputs)))
        except Exception as error:  # onnxruntime raises its own classes and plain RuntimeError
            raise UserError(
                "The model could not be run on a calibration image.",
                f"ONNX Runtime says: {error}.",
                "Check that the preprocessing fits the model's input.",
            ) from error


def run_nodes(
    edit: ModelEdit,
    nodes: "Sequence[onnx.NodeProto]",
    outputs: Sequence[str],
    feeds: "Sequence[Mapping[str, np.ndarray]]",
) -> "Iterator[dict[str, np.ndarray]]":
    """Run a part of a model, literally as it is written, for each of `feeds`."""
    import onnxruntime
    from onnx import helper

    taken = {name for node in nodes for name in taken_by(node)}
    inputs = [name for name in feeds[0] if name in taken]
    part = helper.make_model_gen_version(
        helper.make_graph(
            nodes,
            "part",
            [_described(name, feeds[0][name].dtype) for name in inputs],
            [helper.make_empty_tensor_value_info(name) for name in outputs],
            [tensor for tensor in edit.graph.initializer if tensor.name in taken],
        ),
        opset_imports=edit.model.opset_import,
        functions=edit.model.functions,
        ir_version=edit.model.ir_version,
    )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        part.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    for held in feeds:
        results = session.run(list(outputs), {name: held[name] for name in inputs})
        yield dict(zip(outputs, cast("list[np.ndarray]", results), strict=True))


def _described(name: str, dtype: "np.dtype[np.generic]") -> "onnx.ValueInfoProto":
    from onnx import helper

    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), None)


def _with_outputs(model: "onnx.ModelProto", names: Sequence[str], scratch: Path) -> Path:
    """Write the model with `names` as further outputs; `model` itself is the same afterwards."""
    from onnx import TensorProto, helper, load_external_data_for_model

    outputs = model.graph.output
    own = len(outputs)
    known = {value.name for value in outputs}
    outputs.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        for name in names
        if name not in known
    )
    path = scratch / "watched.onnx"
    if save_model(model, path):
        load_external_data_for_model(model, str(scratch))
    del outputs[own:]
    return path


def _session(path: Path) -> "onnxruntime.InferenceSession":
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own classes and plain RuntimeError
        raise UserError(
            "The model could not be prepared for calibration.",
            f"ONNX Runtime says: {error}.",
            "Choose a technique that needs no calibration, such as FP16 or INT8 weights only.",
        ) from error
