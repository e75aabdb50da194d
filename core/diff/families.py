"""Operators that do the same under different names, in quantized forms and in other formats."""

from functools import cache

_QUANTIZED_PREFIX = "QLinear"
_QUANTIZED_SUFFIX = "Integer"
_SAME = {
    "averagepool": "avgpool",
    "clamp": "clip",
    "convolution": "conv",
    "divide": "div",
    "fusedconv": "conv",
    "fusedmatmul": "matmul",
    "fullyconnected": "matmul",
    "gemm": "matmul",
    "groupconvolution": "conv",
    "globalaveragepool": "reducemean",
    "multiply": "mul",
    "power": "pow",
    "qgemm": "matmul",
    "subtract": "sub",
}
"""Lower-case name to the family's."""


@cache
def family_of(operator: str) -> str:
    """“conv” for Conv, QLinearConv, ConvInteger and OpenVINO's Convolution."""
    plain = operator.removeprefix(_QUANTIZED_PREFIX).removesuffix(_QUANTIZED_SUFFIX)
    name = (plain or operator).lower()
    return _SAME.get(name, name)
