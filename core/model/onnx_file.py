"""Opens ONNX files: the structure at once, the weights only when somebody asks for them.

The structure is read with onnx's protobuf classes and not with onnx-ir 1.1.0, which takes three
times as long (100,000 nodes: 4.6 s against 1.4 s) and refuses graphs in which a tensor is made
twice, which must be drawn with the fault marked.
"""

import mmap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from core.errors import InputError
from core.model import tensor_types, wire
from core.model.protobuf import BrokenFile

if TYPE_CHECKING:
    import onnx
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

NEWER_OPSETS = 5
"""How many opsets beyond the newest that this onnx knows are taken for real."""
_CUSTOM_OPSETS = 1000


def read_skeleton(path: Path) -> "onnx.ModelProto":
    """The model without its large weights, which become references into `path`.

    External data is not touched. Costs memory for the structure only. Raises InputError for a file
    that cannot be read, is cut off, or is no ONNX model.
    """
    from google.protobuf.message import DecodeError

    from core.model.onnx_parts import ModelProto

    try:
        with path.open("rb") as file, _mapped(file.fileno()) as data, memoryview(data) as view:
            small = wire.skeleton(view, path.name)
        model = ModelProto.FromString(small)
        _check_text(model)
    except OSError as error:
        raise unreadable(path, error) from error
    except BrokenFile as error:
        raise broken(path, f"{error.why} This shows at byte {error.offset:,}.") from error
    except (DecodeError, ValueError) as error:
        raise broken(path, "Its structure cannot be decoded.") from error
    check_versions(path, model)
    return model


M = TypeVar("M", bound="Message")


def decoded(kind: type[M], content: bytes) -> M:
    """A part of a model. Raises BrokenFile."""
    from google.protobuf.message import DecodeError

    try:
        message = kind.FromString(content)
        _check_text(message)
    except (DecodeError, ValueError) as error:
        raise BrokenFile("Its structure cannot be decoded.", 0) from error
    return message


def warm_up() -> None:
    """Import what reading needs of onnx, and let it build its table of operators."""
    from core.model.onnx_parts import newest_opset, schema_of

    schema_of("Add", newest_opset(), "")


def tensors_of(model: "onnx.ModelProto") -> "Iterator[onnx.TensorProto]":
    """Every tensor stored in the model: of the graph, of its nodes, subgraphs and functions."""
    yield from _graph_tensors(model.graph)
    for function in model.functions:
        for node in function.node:
            yield from node_tensors(node)


def stored_bytes(tensor: "onnx.TensorProto") -> int:
    """Bytes of a tensor's numbers: as it says for external data, else what its shape needs."""
    length = next((entry.value for entry in tensor.external_data if entry.key == "length"), "")
    if length.isdecimal() and len(length) < 20:
        return int(length)
    return tensor_types.bytes_of(tensor_types.name_of(tensor.data_type), tensor.dims) or 0


def sha256_of(path: Path) -> str:
    """SHA-256 of one file, in hexadecimal."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unreadable(path: Path, error: OSError) -> InputError:
    """What to say when the operating system refuses to open a file."""
    return InputError(
        f"“{path.name}” cannot be read.",
        f"The operating system says: {error.strerror or error}.",
        "Check that the file exists and that you may read it.",
    )


def broken(path: Path, why: str) -> InputError:
    """What to say when a model file is not whole."""
    return InputError(
        f"The model “{path.name}” is damaged or incomplete.",
        why,
        "Copy or download it again, or export it again from your training tool.",
    )


def _mapped(descriptor: int) -> mmap.mmap:
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)


def _check_text(message: "Message") -> None:
    """Raise ValueError for text that is not UTF-8; protobuf hands it out as bytes (upb 7)."""
    texts, messages = _fields_of(message.DESCRIPTOR)
    for name, repeated in texts:
        value = getattr(message, name)
        if any(type(text) is bytes for text in value) if repeated else type(value) is bytes:
            raise ValueError(f"The text in {name} is not UTF-8.")
    for name, repeated in messages:
        if repeated:
            for inner in getattr(message, name):
                _check_text(inner)
        elif message.HasField(name):
            _check_text(getattr(message, name))


@cache
def _fields_of(kind: "Descriptor") -> "tuple[list[tuple[str, bool]], list[tuple[str, bool]]]":
    """Names of a message's text fields and of its inner messages, and whether they repeat."""
    texts = [field for field in kind.fields if field.type == field.TYPE_STRING]
    messages = [field for field in kind.fields if field.type == field.TYPE_MESSAGE]
    return (
        [(field.name, field.is_repeated) for field in texts],
        [(field.name, field.is_repeated) for field in messages],
    )


def check_versions(path: Path, model: "onnx.ModelProto") -> None:
    """Raise InputError for opsets that do not exist."""
    from core.model.onnx_parts import newest_opset

    newest = newest_opset() + NEWER_OPSETS
    for entry in model.opset_import:
        limit = newest if entry.domain in ("", "ai.onnx") else _CUSTOM_OPSETS
        if not 1 <= entry.version <= limit:
            raise InputError(
                f"The model “{path.name}” asks for opset {entry.version}"
                f"{f' of {entry.domain}' if entry.domain else ''}, which does not exist.",
                f"Opsets from 1 to {limit} can be read; the file is damaged or was forged.",
                f"Export the model again with opset {newest_opset()} or lower.",
            )


def _graph_tensors(graph: "onnx.GraphProto") -> "Iterator[onnx.TensorProto]":
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield sparse.values
        yield sparse.indices
    for node in graph.node:
        yield from node_tensors(node)


def node_tensors(node: "onnx.NodeProto") -> "Iterator[onnx.TensorProto]":
    """Every tensor stored in a node's attributes and bodies."""
    for attribute in node.attribute:
        if attribute.HasField("t"):
            yield attribute.t
        yield from attribute.tensors
        if attribute.HasField("g"):
            yield from _graph_tensors(attribute.g)
        for graph in attribute.graphs:
            yield from _graph_tensors(graph)
