"""Attributes of ONNX nodes as short plain text, and as numbers for the cost formulas."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from core.model import tensor_types

if TYPE_CHECKING:
    import onnx

LONGEST = 120
_MOST_ITEMS = 16


def attribute_texts(node: "onnx.NodeProto") -> dict[str, str]:
    """Each attribute as text of at most LONGEST characters, without control characters."""
    return {plain(entry.name): plain(_text(entry)) for entry in node.attribute}


def attribute_numbers(node: "onnx.NodeProto") -> dict[str, Sequence[int]]:
    """The integer attributes of a node; a single integer is a list of one."""
    found: dict[str, Sequence[int]] = {}
    for entry in node.attribute:
        if entry.type == entry.INT:
            found[entry.name] = (entry.i,)
        elif entry.type == entry.INTS and len(entry.ints) <= _MOST_ITEMS:
            found[entry.name] = tuple(entry.ints)
    return found


def plain(text: str, longest: int = LONGEST) -> str:
    """Text from a model made fit to show: no control or direction characters, and not endless."""
    if len(text) <= longest and text.isprintable():
        return text
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return text if text.isprintable() else "".join(c if c.isprintable() else "�" for c in text)


def all_plain(texts: Sequence[str], longest: int = LONGEST) -> Sequence[str]:
    """Each of very many texts made fit to show; mostly they are already."""
    if max(map(len, texts), default=0) <= longest and "".join(texts).isprintable():
        return texts
    return [plain(text, longest) for text in texts]


def _text(entry: "onnx.AttributeProto") -> str:
    writer = _WRITERS.get(entry.type)
    return "" if writer is None else writer(entry)


def _list(values: Sequence[object], write: Callable[[object], str] = str) -> str:
    shown = ", ".join(write(value) for value in islice(values, _MOST_ITEMS))
    return f"{shown}, … ({len(values)} in all)" if len(values) > _MOST_ITEMS else shown


def _tensor(tensor: "onnx.TensorProto") -> str:
    sizes = "×".join(str(size) for size in tensor.dims) or "scalar"
    return f"{tensor_types.name_of(tensor.data_type)} {sizes}"


def _string(value: object) -> str:
    return value[:LONGEST].decode(errors="replace") if isinstance(value, bytes) else str(value)


_WRITERS: "Mapping[int, Callable[[onnx.AttributeProto], str]]" = {
    1: lambda entry: f"{entry.f:g}",
    2: lambda entry: str(entry.i),
    3: lambda entry: _string(entry.s),
    4: lambda entry: _tensor(entry.t),
    5: lambda entry: f"graph of {len(entry.g.node)} nodes",
    6: lambda entry: _list(entry.floats, lambda value: f"{value:g}"),
    7: lambda entry: _list(entry.ints),
    8: lambda entry: _list(entry.strings, _string),
    9: lambda entry: f"{len(entry.tensors)} tensors",
    10: lambda entry: f"{len(entry.graphs)} graphs",
    11: lambda entry: f"sparse {_tensor(entry.sparse_tensor.values)}",
}
"""By AttributeProto.AttributeType."""
