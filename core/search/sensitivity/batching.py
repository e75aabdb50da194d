"""Finds out whether a model takes several inputs at once, and what its tensors are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import UserError
from core.search.answers import Form, form_of
from core.search.sensitivity.part_session import Lot, PartSession

if TYPE_CHECKING:
    import numpy as np
    import onnx

_CLOSE = 1e-3
"""Of a tensor's largest value; what row and row alone may differ by."""


@dataclass(frozen=True)
class Found:
    """A model as it can be run, and what was seen when it ran."""

    model: "onnx.ModelProto"
    """With a free batch size where `several`."""
    several: bool
    """Whether every output has a row for every input, independent of the other rows."""
    rowwise: frozenset[str]
    """The tensors of which that is true."""
    dtypes: dict[str, str]
    """numpy's names, by tensor."""
    row_bytes: dict[str, int]
    """Bytes for one input, by tensor."""
    form: Form
    """Of the first output."""


def look_at(model: "onnx.ModelProto", names: Collection[str], samples: Sequence[Lot]) -> Found:
    """Run a model on a few inputs and look at some of its tensors.

    Raises UserError when the model does not run on them.
    """
    alone = [_watched(model, names).run(sample) for sample in samples]
    dtypes = {name: value.dtype.name for name, value in alone[0].items()}
    sizes = {name: value.nbytes for name, value in alone[0].items()}
    form = form_of([one[model.graph.output[0].name] for one in alone])
    free = _with_free_batch(model)
    together = _together(free, names, samples) if len(samples) > 1 else {}
    rowwise = frozenset(
        name
        for name, value in together.items()
        if all(_is_row(value, i, one[name], len(samples)) for i, one in enumerate(alone))
    )
    if all(value.name in rowwise for value in model.graph.output):
        return Found(free, True, rowwise, dtypes, sizes, form)
    return Found(model, False, frozenset(), dtypes, sizes, form)


def stacked(lots: Sequence[Lot]) -> "dict[str, np.ndarray]":
    """Several lots as one, row after row."""
    import numpy as np

    if len(lots) == 1:
        return dict(lots[0])
    return {name: np.concatenate([lot[name] for lot in lots]) for name in lots[0]}


def _watched(model: "onnx.ModelProto", names: Collection[str]) -> PartSession:
    import onnx

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    known = {value.name for value in copy.graph.output}
    copy.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names if n not in known)
    return PartSession(copy.SerializeToString())


def _together(
    model: "onnx.ModelProto", names: Collection[str], samples: Sequence[Lot]
) -> "dict[str, np.ndarray]":
    """The tensors when all samples go in at once; none when the model does not take that."""
    try:
        return _watched(model, names).run(stacked(samples))
    except (UserError, ValueError):  # ValueError: the samples differ in shape
        return {}


def _is_row(whole: "np.ndarray", index: int, alone: "np.ndarray", count: int) -> bool:
    import numpy as np

    if whole.shape != (count, *alone.shape[1:]) or alone.shape[:1] != (1,):
        return False
    reach = _CLOSE * float(np.abs(alone).max(initial=0.0)) if alone.dtype.kind == "f" else 0.0
    return bool(np.allclose(whole[index], alone[0], rtol=0.0, atol=reach, equal_nan=True))


def _with_free_batch(model: "onnx.ModelProto") -> "onnx.ModelProto":
    import onnx

    free = onnx.ModelProto()
    free.CopyFrom(model)
    del free.graph.value_info[:]
    for value in (*free.graph.input, *free.graph.output):
        shape = value.type.tensor_type.shape
        if shape.dim:
            shape.dim[0].dim_param = "batch"
    _free_reshapes(free.graph)
    return free


def _free_reshapes(graph: "onnx.GraphProto") -> None:
    """Let a Reshape to 1×… keep the batch size that it gets: 0 stands for that."""
    from onnx import numpy_helper

    stored = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        target = stored.get(node.input[1]) if node.op_type == "Reshape" else None
        if target is None or any(entry.name == "allowzero" and entry.i for entry in node.attribute):
            continue
        shape = numpy_helper.to_array(target).copy()
        if shape.size > 1 and shape[0] == 1:
            shape[0] = 0
            name = f"{target.name}/batch"
            node.input[1] = name
            if name not in stored:
                stored[name] = numpy_helper.from_array(shape, name)
                graph.initializer.append(stored[name])
