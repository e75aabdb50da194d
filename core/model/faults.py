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
from core.model.constants import captured, subgraphs
from core.model.onnx_file import stored_bytes, tensors_of
from core.model.topology import Order, running_order

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
    blocking = [fault.sentence for fault in faults_of(model) if fault.blocking]
    if blocking:
        more = len(blocking) - _MOST_SHOWN
        shown = " ".join(blocking[:_MOST_SHOWN])
        raise InputError(
            f"The model “{path.name}” can be drawn but not run.",
            f"{shown} {f'There are {more} more faults like these.' if more > 0 else ''}".strip(),
            "Export the model again; check it with onnx.checker in the tool that made it.",
        )


def faults_of(model: "onnx.ModelProto") -> tuple[Fault, ...]:
    """Everything found wrong in the main graph, the functions and the stored sizes."""
    return (
        *_repeated_outputs(model.graph),
        *_missing_inputs(model.graph),
        *_missing_outputs(model.graph),
        *_cycle(model.graph),
        *_too_few_inputs(model),
        *_deep_calls(model),
        *_false_sizes(model),
        *_repeated_names(model.graph),
    )


def order_of(graph: "onnx.GraphProto") -> Order:
    """The order in which the main graph's nodes can run, with what their bodies take."""
    return running_order([inputs_of(node) for node in graph.node], [n.output for n in graph.node])


def inputs_of(node: "onnx.NodeProto") -> list[str]:
    """The tensors that a node takes: its inputs, and what its bodies take from outside."""
    names = [name for name in node.input if name]
    for body in subgraphs(node):
        names += sorted(captured(body))
    return names


def _repeated_outputs(graph: "onnx.GraphProto") -> Iterator[Fault]:
    counts = Counter(name for node in graph.node for name in node.output if name)
    counts.update({value.name for value in graph.input})
    for name, count in counts.items():
        if count > 1:
            yield Fault(f"Tensor “{plain(name)}” is made {count} times.")


def _missing_inputs(graph: "onnx.GraphProto") -> Iterator[Fault]:
    known = _given(graph)
    for node in graph.node:
        for name in inputs_of(node):
            if name not in known:
                yield Fault(f"{_title(node)} takes “{plain(name)}”, which nothing makes.")


def _missing_outputs(graph: "onnx.GraphProto") -> Iterator[Fault]:
    known = _given(graph)
    for value in graph.output:
        if value.name not in known:
            yield Fault(f"Output “{plain(value.name)}” of the model is made by no layer.")


def _given(graph: "onnx.GraphProto") -> set[str]:
    known = {value.name for value in graph.input}
    known.update(tensor.name for tensor in graph.initializer)
    known.update(sparse.values.name for sparse in graph.sparse_initializer)
    known.update(name for node in graph.node for name in node.output if name)
    return known


def _cycle(graph: "onnx.GraphProto") -> Iterator[Fault]:
    cyclic = order_of(graph).cyclic
    if cyclic:
        names = _listed([_title(graph.node[index]) for index in cyclic])
        yield Fault(f"Layers wait for each other in a circle: {names}.")


def _too_few_inputs(model: "onnx.ModelProto") -> Iterator[Fault]:
    """OpenVINO 2026.4 crashes on a Conv with one input."""
    from onnx import defs

    version = next((e.version for e in model.opset_import if e.domain in ("", "ai.onnx")), 1)
    needed: dict[str, int] = {}
    for node in model.graph.node:
        if node.domain not in ("", "ai.onnx"):
            continue
        if node.op_type not in needed:
            try:
                schema = defs.get_schema(node.op_type, version, "")
                needed[node.op_type] = schema.min_input
            except defs.SchemaError:
                needed[node.op_type] = 0
        if len(node.input) < needed[node.op_type]:
            least = needed[node.op_type]
            yield Fault(f"{_title(node)} has {len(node.input)} inputs and needs {least}.")


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


def _repeated_names(graph: "onnx.GraphProto") -> Iterator[Fault]:
    counts = Counter(node.name for node in graph.node if node.name)
    repeated = [plain(name) for name, count in counts.items() if count > 1]
    if repeated:
        names = _listed([f"“{name}”" for name in repeated])
        yield Fault(f"Several layers are called {names}; they were told apart.", blocking=False)


def _title(node: "onnx.NodeProto") -> str:
    name = node.name or next(iter(node.output), "")
    return f"{plain(node.op_type)} “{plain(name)}”"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_SHOWN])
    return f"{shown} and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else shown
