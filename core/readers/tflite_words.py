"""What a TensorFlow Lite file says about itself, its tensors and its operators, in words."""

import math
import re
from collections.abc import Iterator, Sequence

from core.readers.flatbuffer import Table
from core.readers.tflite_schema import Schema


def metadata_of(model: Table, buffers: Sequence[Table]) -> dict[str, str]:
    """Its entries, and what each signature takes and makes."""
    found: dict[str, str] = {}
    for entry in model.tables("metadata"):
        number = entry.number("buffer")
        start, count = buffers[number].span("data") if number < len(buffers) else (0, 0)
        content = bytes(model.buffer.data[start : start + min(count, 200)]).rstrip(b"\0")
        readable = content.isascii() and content.decode("ascii", "replace").isprintable()
        found[entry.text("name")] = content.decode() if readable else f"{count:,} bytes"
    for signature in model.tables("signatureDefs"):
        names = [entry.text("name") for entry in signature.tables("inputs")]
        made = [entry.text("name") for entry in signature.tables("outputs")]
        key = f"signature {signature.text('signatureKey')}".strip()
        found[key] = f"{', '.join(names)} → {', '.join(made)}"
    return found


def note_on(tensor: Table) -> str:
    """“int8, scale 0.0235, zero point -128”, and sparsity."""
    words = [*_quantization(tensor)]
    sparsity = tensor.table("sparsity")
    if sparsity is not None:
        words.append(f"sparse, {len(sparsity.tables('dimMetadata'))} dimensions")
    return ", ".join(words)


def _quantization(tensor: Table) -> Iterator[str]:
    table = tensor.table("quantization")
    if table is None:
        return
    scales, zeros = table.numbers("scale"), table.numbers("zeroPoint")
    if len(scales) == 1:
        zero = zeros[0] if zeros else 0
        yield f"scale {scales[0]:g}, zero point {zero}"
    elif scales:
        shown = [scale for scale in scales if math.isfinite(scale)] or [0.0]
        axis = table.number("quantizedDimension")
        yield f"{len(scales)} scales along axis {axis}, {min(shown):g} to {max(shown):g}"
    else:
        blocks = table.union("details", "BlockwiseQuantization")
        if table.number("detailsType") == 2 and blocks is not None:
            yield f"a scale for each block of {blocks.number('blockSize')}"


def text_of(value: object, enumeration: str, known: Schema) -> str:
    """An option's value; the name of a number that an enumeration gives one."""
    if enumeration and isinstance(value, int):
        return known.name(enumeration, value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        items: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]  # plain numbers
        shown = ", ".join(str(item) for item in items[:16])
        return f"{shown}, … ({len(items)} in all)" if len(items) > 16 else shown
    return str(value)


def option_name(name: str) -> str:
    """“strideW” as “stride_w”."""
    return re.sub("([A-Z])", r"_\1", name).lower()
