"""What operators of other formats than ONNX do, by the words in their names."""

from collections.abc import Mapping

_SOUNDS: Mapping[str, str] = {
    "quant": "quantization", "convert": "quantization", "cast": "quantization",
    "norm": "normalization", "statistics": "normalization", "conv": "convolution",
    "kernel": "convolution", "softmax": "activation", "pool": "pooling", "upsampl": "pooling",
    "resize": "pooling", "interpolat": "pooling", "reduce": "pooling", "linear": "matrix product",
    "matmul": "matrix product", "matrix": "matrix product", "connected": "matrix product",
    "innerproduct": "matrix product", "dense": "matrix product", "attention": "matrix product",
    "lstm": "matrix product", "gru": "matrix product", "einsum": "matrix product",
    "gemm": "matrix product", "relu": "activation", "gelu": "activation", "silu": "activation",
    "swish": "activation", "sigmoid": "activation", "tanh": "activation", "mish": "activation",
    "clamp": "activation", "softplus": "activation", "reshape": "shape", "transpose": "shape",
    "permute": "shape", "concat": "shape", "split": "shape", "slice": "shape", "gather": "shape",
    "squeeze": "shape", "flatten": "shape", "pad": "shape", "expand": "shape", "view": "shape",
    "embedding": "shape", "shuffle": "shape", "clone": "shape", "tile": "shape", "pack": "shape",
}  # fmt: skip
"""A part of a name to the kind of work; the first that is found decides."""

_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("mm", "bmm", "addmm", "mv"), "matrix product"),
    **dict.fromkeys(("mean", "amax", "amin", "argmax", "topk"), "pooling"),
    **dict.fromkeys(("elu", "celu", "selu", "glu"), "activation"),
    **dict.fromkeys(
        ("cat", "stack", "select", "size", "chunk", "index", "repeat", "t", "to", "shape"), "shape"
    ),
    **dict.fromkeys(
        ("add", "sub", "mul", "div", "pow", "sqrt", "rsqrt", "exp", "log", "neg", "abs", "sum",
         "eltwise", "multiply", "subtract", "divide", "addn", "biasadd", "addv2", "where", "eq",
         "maximum", "minimum", "rsub"),
        "arithmetic",
    ),
}  # fmt: skip
"""Whole names, without capitals and underscores."""


def kind_by_sound(operator: str) -> str | None:
    """The kind of work of an operator such as “conv2d”, “CONV_2D” or “InnerProduct”."""
    word = operator.replace("_", "").lower()
    if word in _WORDS:
        return _WORDS[word]
    return next((kind for sound, kind in _SOUNDS.items() if sound in word), None)
