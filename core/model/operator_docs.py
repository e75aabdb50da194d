"""What the operators of ONNX are, from a file made of the standard: no model library is needed.

`core.model.operator_schemas` writes that file.
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic_core import from_json

FOLDER, FILE = "operators", "onnx.json.gz"
STANDARD = "ai.onnx"
"""How the standard's own domain is called in words; in a model its name is mostly empty."""

Presence = Literal["single", "optional", "variadic"]


@dataclass(frozen=True)
class FormalPort:
    """An input or output as the operator defines it; a variadic one takes any number."""

    name: str
    presence: Presence
    text: str


@dataclass(frozen=True)
class FormalAttribute:
    """An attribute as the operator defines it. `default` is empty where there is none."""

    name: str
    required: bool
    default: str
    text: str


@dataclass(frozen=True)
class Operator:
    """One version of an operator. All texts are plain; `text` is empty where there is none."""

    name: str
    domain: str
    since: int
    """The opset from which on it is as described here."""
    deprecated: bool
    text: str
    attributes: tuple[FormalAttribute, ...]
    inputs: tuple[FormalPort, ...]
    outputs: tuple[FormalPort, ...]


def operator_of(name: str, domain: str, opsets: Mapping[str, int]) -> Operator | None:
    """The operator as a model with these opsets means it, or None where nothing is known of it."""
    known = "" if domain == STANDARD else domain
    versions = _rows().get(f"{known}/{name}", [])
    asked = opsets.get(domain, opsets.get(known or STANDARD))
    meant = [row for row in versions if asked is None or row[0] <= asked]
    return _operator(name, domain or STANDARD, meant[-1]) if meant else None


def formal_port(ports: tuple[FormalPort, ...], place: int) -> FormalPort | None:
    """The formal port of an actual one; a variadic port stands for all that follow it."""
    if place < len(ports):
        return ports[place]
    return ports[-1] if ports and ports[-1].presence == "variadic" else None


@cache
def _rows() -> Mapping[str, list[list[Any]]]:
    """“DOMAIN/NAME” to its versions, oldest first."""
    data = (resources.files("resources") / FOLDER / FILE).read_bytes()
    return from_json(gzip.decompress(data))


def _operator(name: str, domain: str, row: list[Any]) -> Operator:
    since, deprecated, text, attributes, inputs, outputs = row
    return Operator(
        name=name,
        domain=domain,
        since=since,
        deprecated=bool(deprecated),
        text=text,
        attributes=tuple(FormalAttribute(*entry) for entry in attributes),
        inputs=tuple(FormalPort(*entry) for entry in inputs),
        outputs=tuple(FormalPort(*entry) for entry in outputs),
    )
