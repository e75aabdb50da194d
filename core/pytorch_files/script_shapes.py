"""Shapes in a traced module, from the example inputs that its archive keeps.

Only where an operator's result follows from shapes alone; what is not known stays so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from core.pytorch_files import aten
from core.pytorch_files.program import Operation

Shape = tuple[int, ...]


@dataclass(frozen=True)
class _Use:
    """One use of an operator whose first input's shape is known."""

    shapes: Sequence[Shape | None]
    arguments: Mapping[str, object]

    @property
    def first(self) -> Shape:
        assert self.shapes[0] is not None
        return self.shapes[0]

    def numbers(self, name: str, count: int, default: int) -> list[int] | None:
        """An argument as so many numbers; None where it is none."""
        value = self.arguments.get(name, default)
        items: list[object] = list(value) if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownArgumentType]
        found = [item for item in items if type(item) is int]
        if len(found) != len(items) or len(found) not in (0, 1, count):
            return None
        return (found or [default]) * (count if len(found) < 2 else 1)


def known_shapes(
    operations: Sequence[Operation], given: Mapping[str, Shape]
) -> Mapping[str, Shape]:
    """Name to shape, of `given` inputs and weights and all that follows from them."""
    found = dict(given)
    for operation in operations:
        shapes = [found.get(name) for name in operation.slots]
        rule = _RULES.get(aten.plain_operator(operation.target))
        if rule is None or not shapes or shapes[0] is None:
            continue
        shape = rule(_Use(shapes, operation.arguments))
        if shape is not None and operation.outputs and all(size > 0 for size in shape):
            found[operation.outputs[0]] = shape
    return found


def _same(use: _Use) -> Shape | None:
    return use.first


def _broadcast(use: _Use) -> Shape | None:
    if any(shape is None for shape in use.shapes):
        return None
    longest = max(len(shape or ()) for shape in use.shapes)
    padded = [(1,) * (longest - len(shape or ())) + (shape or ()) for shape in use.shapes]
    return tuple(max(sizes) for sizes in zip(*padded, strict=True))


def _convolution(use: _Use) -> Shape | None:
    weight = use.shapes[1] if len(use.shapes) > 1 else None
    if weight is None or use.arguments.get("transposed") is True or len(weight) != len(use.first):
        return None
    sizes = _windows(use, list(weight[2:]))
    return None if sizes is None else (use.first[0], weight[0], *sizes)


def _pool(use: _Use) -> Shape | None:
    kernel = use.numbers("kernel_size", len(use.first) - 2, 1)
    if kernel is None or use.arguments.get("ceil_mode") is True:
        return None
    sizes = _windows(use, kernel)
    return None if sizes is None else (*use.first[:2], *sizes)


def _windows(use: _Use, kernel: Sequence[int]) -> list[int] | None:
    """How often a window of this size fits, on each axis."""
    count = len(kernel)
    pooling = "kernel_size" in use.arguments
    stride = use.numbers("stride", count, 1) if use.arguments.get("stride") != [] else None
    stride = list(kernel) if stride is None and pooling else stride
    padding, dilation = use.numbers("padding", count, 0), use.numbers("dilation", count, 1)
    if stride is None or padding is None or dilation is None or min(stride) < 1:
        return None
    axes = zip(use.first[2:], kernel, stride, padding, dilation, strict=True)
    return [
        (size + 2 * pad - dil * (win - 1) - 1) // step + 1 for size, win, step, pad, dil in axes
    ]


def _adaptive(use: _Use) -> Shape | None:
    sizes = use.numbers("output_size", len(use.first) - 2, 1)
    return None if sizes is None else (*use.first[:2], *sizes)


def _linear(use: _Use) -> Shape | None:
    weight = use.shapes[1] if len(use.shapes) > 1 else None
    return None if weight is None or not weight else (*use.first[:-1], weight[0])


def _flatten(use: _Use) -> Shape | None:
    start, end = use.arguments.get("start_dim", 0), use.arguments.get("end_dim", -1)
    rank = len(use.first)
    if type(start) is not int or type(end) is not int or rank == 0:
        return None
    start, end = start % rank, end % rank
    return (*use.first[:start], prod(use.first[start : end + 1]), *use.first[end + 1 :])


def _slice(use: _Use) -> Shape | None:
    dim, step = use.arguments.get("dim", 0), use.arguments.get("step", 1)
    start, end = use.arguments.get("start"), use.arguments.get("end")
    if type(dim) is not int or type(step) is not int or step < 1 or not -1 < dim < len(use.first):
        return None
    if not isinstance(start, int | None) or not isinstance(end, int | None):
        return None
    kept = len(range(*slice(start, end, step).indices(use.first[dim])))
    return (*use.first[:dim], kept, *use.first[dim + 1 :])


def _pad(use: _Use) -> Shape | None:
    """Two numbers for each axis, from the last one on."""
    pads = use.arguments.get("pad")
    count = len(pads) if isinstance(pads, list) else 0  # pyright: ignore[reportUnknownArgumentType]
    numbers = use.numbers("pad", count, 0)
    if not count or numbers is None or count % 2 or count > 2 * len(use.first):
        return None
    added = [a + b for a, b in zip(numbers[::2], numbers[1::2], strict=True)]
    added += [0] * (len(use.first) - len(added))
    return tuple(size + more for size, more in zip(use.first, added[::-1], strict=True))


_RULES: Mapping[str, Callable[[_Use], Shape | None]] = {
    **dict.fromkeys(
        (
            "relu", "relu6", "hardtanh", "leaky_relu", "elu", "gelu", "silu", "hardswish", "mish",
            "hardsigmoid", "sigmoid", "tanh", "softmax", "log_softmax", "dropout", "batch_norm",
            "layer_norm", "group_norm", "instance_norm", "clamp", "contiguous", "detach", "clone",
            "neg", "abs", "exp", "sqrt", "feature_dropout", "softplus",
        ),
        _same,
    ),
    **dict.fromkeys(("add", "sub", "mul", "div"), _broadcast),
    **dict.fromkeys(("convolution", "conv1d", "conv2d", "conv3d"), _convolution),
    **{f"{kind}_pool{n}d": _pool for kind in ("max", "avg") for n in (1, 2, 3)},
    **{f"adaptive_{kind}_pool{n}d": _adaptive for kind in ("max", "avg") for n in (1, 2, 3)},
    "linear": _linear,
    "flatten": _flatten,
    "slice": _slice,
    **dict.fromkeys(("pad", "constant_pad_nd"), _pad),
}  # fmt: skip
