"""A quick look for faults: most models have none, and the search for their words takes long."""

import numpy as np

from core.model import packed_weights, tensor_types
from core.model.flows import Inference
from core.model.onnx_file import stored_bytes
from core.model.onnx_layers import OnnxLayers
from core.model.onnx_table import OnnxTable


def is_surely_sound(table: OnnxTable, layers: OnnxLayers) -> bool:
    """False where core.model.faults would find something, or might."""
    return (
        not table.has_functions
        and not any(kind.operator == packed_weights.OPERATOR for kind in table.nodes.known_kinds)
        and not layers.order.cyclic
        and _names_are_unique(table)
        and _all_is_made(table, layers)
        and _operators_are_known(table)
        and _sizes_are_true(table)
    )


def _names_are_unique(table: OnnxTable) -> bool:
    names = np.bincount(table.nodes.names, minlength=1)
    made = np.bincount(table.nodes.outputs.of, minlength=len(table.texts))
    inputs = {table.texts.number(value.name) for value in table.inputs}
    made = np.concatenate([made, np.zeros(len(table.texts) - len(made), np.int64)])
    made[list(inputs)] += 1
    return bool((names[1:] < 2).all() and (made[1:] < 2).all())


def _all_is_made(table: OnnxTable, layers: OnnxLayers) -> bool:
    made = np.zeros(len(table.texts), bool)
    made[table.nodes.outputs.of] = True
    made[table.stored.names] = True
    made[[table.texts.number(value.name) for value in table.inputs]] = True
    made[[table.texts.number(tensor.values.name) for tensor in table.sparse]] = True
    outputs = [table.texts.number(value.name) for value in table.outputs]
    return bool(made[layers.taken.of].all() and made[outputs].all())


def _operators_are_known(table: OnnxTable) -> bool:
    """Each has a definition, and no fewer inputs than that asks for."""
    inference = Inference(table)
    nodes = table.nodes
    least = np.zeros(len(nodes.known_kinds), np.int64)
    for number, kind in enumerate(nodes.known_kinds):
        schema = inference.schema(kind) if kind.standard else None
        if kind.standard and schema is None:
            return False
        least[number] = schema.min_input if schema is not None else 0
    return bool((np.diff(nodes.slots.starts) >= least[nodes.kinds]).all())


def _sizes_are_true(table: OnnxTable) -> bool:
    """All weights are as large as their shapes say."""
    stored = table.stored
    inner = np.ones(len(stored), bool)
    inner[stored.external] = False
    rows = np.flatnonzero(inner & (stored.payloads >= 0))
    expected = _expected(table)
    sound = (expected[rows] < 0) | (expected[rows] == stored.payloads[rows])
    if not sound.all() or (np.array(_negative(table), bool)[stored.shapes]).any():
        return False
    for tensor in table.other_tensors():
        outside = tensor.data_location == tensor.EXTERNAL
        if any(size < 0 for size in tensor.dims):
            return False
        if not outside and not tensor.HasField("raw_data"):
            continue
        size = tensor_types.bytes_of(tensor_types.name_of(tensor.data_type), tensor.dims)
        if size is not None and size != (stored_bytes(tensor) if outside else len(tensor.raw_data)):
            return False
    return True


def _negative(table: OnnxTable) -> list[bool]:
    return [any(size < 0 for size in shape) for shape in table.stored.known_shapes]


def _expected(table: OnnxTable) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Bytes that each stored tensor's shape needs, −1 where its type has no fixed size."""
    stored = table.stored
    key = stored.dtypes * max(len(stored.known_shapes), 1) + stored.shapes
    different, first, places = np.unique(key, return_index=True, return_inverse=True)
    sizes = np.zeros(len(different), np.int64)
    for number, row in enumerate(first.tolist()):
        dtype = tensor_types.name_of(int(stored.dtypes[row]))
        size = tensor_types.bytes_of(dtype, stored.known_shapes[int(stored.shapes[row])])
        sizes[number] = -1 if size is None else min(size, (1 << 63) - 1)
    return sizes[places]
