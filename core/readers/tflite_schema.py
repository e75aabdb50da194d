"""TensorFlow Lite's schema: table layouts and the names of its numbers, from the program's data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from core.readers.flatbuffer import Field

_TITLES: Mapping[str, str] = {
    "LSTM": "LSTM", "RNN": "RNN", "SVDF": "SVDF", "LSH": "LSH", "RELU": "ReLU", "RELU6": "ReLU6",
    "GELU": "GELU", "ELU": "ELU", "PRELU": "PReLU", "TOPK": "TopK", "CONV": "Conv",
    "MATMUL": "MatMul", "STABLEHLO": "StableHLO", "L2": "L2", "ND": "ND", "V2": "V2",
}  # fmt: skip
"""Words of operators' names that are not written like others."""


@dataclass(frozen=True)
class Schema:
    """What the numbers in a file mean."""

    tables: Mapping[str, Mapping[str, Field]]
    enumerations: Mapping[str, Mapping[int, str]]

    def name(self, enumeration: str, number: int) -> str:
        """The name of a number; the number itself where this program is older than the file."""
        return self.enumerations[enumeration].get(number, str(number))


@cache
def schema() -> Schema:
    """Read once."""
    file = resources.files("resources") / "formats" / "tflite.json"
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    tables = {
        name: {field: Field(*about) for field, about in fields.items()}
        for name, fields in document["tables"].items()
    }
    enumerations = {
        name: {int(number): text for number, text in values.items()}
        for name, values in document["enums"].items()
    }
    return Schema(tables, enumerations)


def operator_title(name: str) -> str:
    """“DEPTHWISE_CONV_2D” as “DepthwiseConv2D”."""
    return "".join(_TITLES.get(word) or _capital(word) for word in name.split("_"))


def _capital(word: str) -> str:
    return word if word[:1].isdigit() else word.capitalize()
