"""What is wrong with an ONNX model beyond its bytes: found before any engine sees it.

Each of these was seen to crash, stall or mislead an engine. A faulty model is still drawn, with its
faults as warnings; it is not compressed or run.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.model import tensor_types
from core.model.attributes import plain
from core.model.onnx_file import stored_bytes, tensors_of
from core.model.packed_weights import falsely_packed
from core.model.wiring import Row, Wiring, opset_of, wiring_of

if TYPE_CHECKING:
    import onnx

_DEEPEST_CALLS = 100
"""onnx.shape_inference refuses more; ONNX Runtime 1.31 overflows its stack at 3,000."""
_MOST_SHOWN = 5


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. A blocking one keeps the model away from engines."""

    sentence: str
    blocking: bool = True


def check_runnable(path: Path, model: "onnx.ModelProto") -> None:
    """Raise InputError when a runtime may not see this model."""
    blocking = [fault.sentence for fault in faults_of(model, wiring_of(model)) if fault.blocking]
    if blocking:
        more = len(blocking) - _MOST_SHOWN
        shown = " ".join(blocking[:_MOST_SHOWN])
        raise InputError(
            f"The model “{path.name}” can be drawn but not run.",
            f"{shown} {f'There are {more} more faults like these.' if more > 0 else ''}".strip(),
            "Export the model again; check it with onnx.checker in the tool that made it.",
        )


def faults_of(model: "onnx.ModelProto", wiring: Wiring) -> tuple[Fault, ...]:
    """Everything found wrong in the main graph, the functions and the stored sizes."""
    return (
        *_repeated_outputs(model.graph, wiring.rows),
        *_missing(model.graph, wiring.rows),
        *_cycle(wiring),
        *_against_standard(model, wiring.rows),
        *_deep_calls(model),
        *_false_sizes(model),
        *map(Fault, falsely_packed(model.graph)),
        *_repeated_names(wiring.rows),
    )


def _repeated_outputs(graph: "onnx.GraphProto", rows: Sequence[Row]) -> Iterator[Fault]:
    counts = Counter(name for row in rows for name in row.outputs if name)
    counts.update({value.name for value in graph.input})
    for name, count in counts.items():
        if count > 1:
            yield Fault(f"Tensor “{plain(name)}” is made {count} times.")


def _missing(graph: "onnx.GraphProto", rows: Sequence[Row]) -> Iterator[Fault]:
    known = {value.name for value in graph.input}
    known.update(tensor.name for tensor in graph.initializer)
    known.update(sparse.values.name for sparse in graph.sparse_initializer)
    known.update(name for row in rows for name in row.outputs if name)
    for row in rows:
        for name in row.taken:
            if name not in known:
                yield Fault(f"{_title(row)} takes “{plain(name)}”, which nothing makes.")
    for value in graph.output:
        if value.name not in known:
            yield Fault(f"Output “{plain(value.name)}” of the model is made by no layer.")


def _cycle(wiring: Wiring) -> Iterator[Fault]:
    if wiring.order.cyclic:
        names = _listed([_title(wiring.rows[index]) for index in wiring.order.cyclic])
        yield Fault(f"Layers wait for each other in a circle: {names}.")


def _against_standard(model: "onnx.ModelProto", rows: Sequence[Row]) -> Iterator[Fault]:
    """Operators that the opset lacks; too few inputs: OpenVINO 2026.4 crashes on such a Conv."""
    opset = opset_of(model) or 1
    own = {function.name for function in model.functions}
    used = dict.fromkeys(row.operator for row in rows if row.standard and row.operator not in own)
    needed = {operator: _least_inputs(operator, opset) for operator in used}
    for operator, least in needed.items():
        if least is None:
            sentence = f"“{plain(operator)}” is no operator of ONNX opset {opset}."
            yield Fault(f"{sentence} What it does is not known.", blocking=False)
    for row in rows:
        least = needed.get(row.operator) if row.standard else None
        if len(row.slots) < (least or 0):
            yield Fault(f"{_title(row)} has {len(row.slots)} inputs and needs {least}.")


def _least_inputs(operator: str, opset: int) -> int | None:
    from core.model.onnx_parts import schema_of

    schema = schema_of(operator, opset, "")
    return None if schema is None else schema.min_input


def _deep_calls(model: "onnx.ModelProto") -> Iterator[Fault]:
    """Functions that call functions, too deep or in a circle."""
    calls = {
        (function.domain, function.name): {(node.domain, node.op_type) for node in function.node}
        for function in model.functions
    }
    waiting = dict(calls)
    for _ in range(_DEEPEST_CALLS):
        ready = [key for key, called in waiting.items() if not called & waiting.keys()]
        for key in ready:
            del waiting[key]
        if not waiting:
            return
        if not ready:
            break
    yield Fault(f"{len(waiting)} functions of the model call each other too deeply or in a circle.")


def _false_sizes(model: "onnx.ModelProto") -> Iterator[Fault]:
    """Weights whose numbers are fewer or more than their shape says."""
    for tensor in tensors_of(model):
        dtype = tensor_types.name_of(tensor.data_type)
        if any(size < 0 for size in tensor.dims):
            yield Fault(f"Weight “{plain(tensor.name)}” has a negative size.")
            continue
        external = tensor.data_location == tensor.EXTERNAL
        if not external and not tensor.HasField("raw_data"):
            continue
        expected = tensor_types.bytes_of(dtype, tensor.dims)
        stored = stored_bytes(tensor) if external else len(tensor.raw_data)
        if expected is not None and stored != expected:
            says = f"says it has {expected:,} bytes and {stored:,} are stored"
            yield Fault(f"Weight “{plain(tensor.name)}” {says}.")


def _repeated_names(rows: Sequence[Row]) -> Iterator[Fault]:
    counts = Counter(row.name for row in rows if row.name)
    repeated = [plain(name) for name, count in counts.items() if count > 1]
    if repeated:
        names = _listed([f"“{name}”" for name in repeated])
        yield Fault(f"Several layers are called {names}; they were told apart.", blocking=False)


def _title(row: Row) -> str:
    name = row.name or next(iter(row.outputs), "")
    return f"{plain(row.operator)} “{plain(name)}”"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_SHOWN])
    return f"{shown} and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else shown
