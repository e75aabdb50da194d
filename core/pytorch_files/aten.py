"""What PyTorch's operators are called here, and what they cost, by the operators of ONNX."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.model import cost

Value = object
"""Of an argument: a number, a text, a list of numbers, or None."""


@dataclass(frozen=True)
class _Alike:
    """The ONNX operator that does the same, and where its facts stand among the arguments."""

    operator: str
    kernel: str = ""
    """Name of the argument with the kernel's size."""


_ALIKE: Mapping[str, _Alike] = {
    **{name: _Alike("Conv") for name in ("conv1d", "conv2d", "conv3d")},
    **{name: _Alike("Conv") for name in ("convolution", "convolution_mode")},
    **{f"conv_transpose{n}d": _Alike("ConvTranspose") for n in (1, 2, 3)},
    "addmm": _Alike("AddMatMul"),
    **{name: _Alike("MatMul") for name in ("linear", "matmul", "mm", "bmm")},
    **{
        f"{kind}_pool{n}d": _Alike(operator, "kernel_size")
        for kind, operator in (("max", "MaxPool"), ("avg", "AveragePool"))
        for n in (1, 2, 3)
    },
    "max_pool2d_with_indices": _Alike("MaxPool", "kernel_size"),
    **{f"adaptive_avg_pool{n}d": _Alike("GlobalAveragePool") for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": _Alike("GlobalMaxPool") for n in (1, 2, 3)},
    **{name: _Alike("BatchNormalization") for name in ("batch_norm", "native_batch_norm_legit")},
    "native_batch_norm_legit_no_training": _Alike("BatchNormalization"),
    **{name: _Alike("LayerNormalization") for name in ("layer_norm", "native_layer_norm")},
    **{name: _Alike("GroupNormalization") for name in ("group_norm", "native_group_norm")},
    "instance_norm": _Alike("InstanceNormalization"),
    "rms_norm": _Alike("RMSNormalization"),
    "softmax": _Alike("Softmax"),
    "log_softmax": _Alike("LogSoftmax"),
    **{name: _Alike("ReduceMean") for name in ("mean", "sum", "amax", "amin", "prod")},
    **{name: _Alike("ArgMax") for name in ("argmax", "argmin", "topk")},
    "embedding": _Alike("Gather"),
}

_MOVES = frozenset(
    {
        "to_copy", "unsafe_view", "alias", "arange", "broadcast_to", "cat", "chunk", "clone",
        "constant_pad_nd", "contiguous", "copy", "detach", "dropout", "empty", "expand",
        "expand_as", "flatten", "full", "full_like", "gather", "index", "index_select", "movedim",
        "narrow", "new_ones", "new_zeros", "ones", "ones_like", "pad", "permute", "pixel_shuffle",
        "pixel_unshuffle", "repeat", "reshape", "roll", "select", "size", "slice", "split",
        "split_with_sizes", "squeeze", "stack", "t", "tile", "to", "transpose", "tuple", "type_as",
        "unbind", "unflatten", "unsqueeze", "view", "where", "zeros", "zeros_like", "getitem",
        "lift_fresh_copy", "channel_shuffle", "feature_dropout", "alpha_dropout", "item",
    }
)  # fmt: skip
"""They move or make data and compute nothing."""

_UNKNOWN = frozenset(
    {
        "einsum", "scaled_dot_product_attention", "lstm", "gru", "rnn_tanh", "rnn_relu", "nms",
        "grid_sampler", "grid_sampler_2d", "cond", "map", "while_loop", "if", "loop",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Use:
    """One use of an operator. Shapes are None where they are not known."""

    operator: str
    """Plain: “conv2d”."""
    inputs: Sequence[cost.Shape]
    stored: frozenset[int]
    """Which of the inputs are weights."""
    outputs: Sequence[cost.Shape]
    arguments: Mapping[str, Value]
    known: bool = True
    """Whether the operator is one of PyTorch's own."""


def plain_operator(target: str) -> str:
    """“conv2d” of “torch.ops.aten.conv2d.default”; “add_” and “_softmax” lose their underscore."""
    parts = target.removeprefix("torch.ops.").split(".")
    name = parts[1] if len(parts) > 1 else parts[0]
    if target.startswith(("_operator.", "operator.", "math.")):
        name = parts[-1]
    return name.strip("_") or name


def domain_of(target: str) -> str:
    """“aten” of “torch.ops.aten.conv2d.default”; Python's own operators have none."""
    if not target.startswith("torch.ops."):
        return ""
    return target.removeprefix("torch.ops.").partition(".")[0]


def operations(use: Use) -> int | None:
    """Operations of one inference, or None where shapes or the operator's meaning are not known."""
    if use.operator in _MOVES:
        return 0
    if use.operator in _UNKNOWN or not use.known:
        return None
    return cost.operations(_work(use))


def detail(use: Use) -> str:
    """The kernel in a few characters, as the graph shows it."""
    return cost.detail(_work(use)) if use.operator in _ALIKE else ""


def _work(use: Use) -> cost.Work:
    alike = _ALIKE.get(use.operator)
    if alike is None:
        return cost.Work(use.operator, use.inputs, use.outputs, {}, use.stored)
    if use.arguments.get("transposed") is True:
        alike = _Alike("ConvTranspose")
    if alike.operator == "AddMatMul":
        stored = frozenset(index - 1 for index in use.stored)
        return cost.Work("MatMul", use.inputs[1:], use.outputs, {}, stored)
    return cost.Work(alike.operator, use.inputs, use.outputs, _numbers(use, alike), use.stored)


def _numbers(use: Use, alike: _Alike) -> dict[str, Sequence[int]]:
    found: dict[str, Sequence[int]] = {}
    groups = use.arguments.get("groups")
    if isinstance(groups, int):
        found["group"] = (groups,)
    kernel = use.arguments.get(alike.kernel)
    if isinstance(kernel, list | tuple):
        found["kernel_shape"] = tuple(size for size in kernel if isinstance(size, int))  # pyright: ignore[reportUnknownVariableType]
    elif isinstance(kernel, int):
        found["kernel_shape"] = (kernel, kernel)
    return found
