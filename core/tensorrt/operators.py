"""Which operators a version of TensorRT takes, and under which restrictions, from resources.

A table knows what is written down about a parser. What it says no to is refused; what it says yes
to can still be refused for reasons that nobody wrote down: the parser itself has the last word.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.model.graph import Layer, ModelGraph
from core.tensorrt.version import TensorRtVersion

Support = Literal["yes", "unsure", "no", "plugin", "unknown"]
"""“unknown” is an operator that no parser was ever said to know."""

_STANDARD = frozenset({"", "ai.onnx"})


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Restriction(_Data):
    """One condition under which an operator is taken."""

    operators: str
    last: str = ""
    """The last version that it holds for; empty where it still does."""
    stored: tuple[int, ...] = ()
    """Inputs, by position, that must be stored in the model."""
    outputs: int | None = None
    """How many of its outputs there are at most."""
    attribute: str = ""
    allowed: tuple[str, ...] = ()
    """The values that the attribute may have."""
    what: str
    """Half a sentence, for people."""

    def holds_for(self, version: TensorRtVersion) -> bool:
        return not self.last or version[:2] <= TensorRtVersion.parse(self.last)[:2]

    def is_broken_by(self, layer: Layer, graph: ModelGraph) -> bool:
        if self.outputs is not None and len(layer.outputs) > self.outputs:
            return True
        value = layer.attributes.get(self.attribute) if self.attribute else None
        if value is not None and value.strip("“”\"'") not in self.allowed:
            return True
        return any(_flows_in(layer, graph, place) for place in self.stored)


class _Names(_Data):
    operators: str


class OperatorTable(_Data):
    """The file as it is."""

    since: Mapping[str, str]
    unsure: Mapping[str, str]
    never: _Names
    plugins: _Names
    types: Mapping[str, str]
    restriction: tuple[Restriction, ...]

    @cached_property
    def first(self) -> Mapping[str, TensorRtVersion]:
        """Operator to the first version that takes it."""
        return {
            name: TensorRtVersion.parse(version)
            for version, names in self.since.items()
            for name in names.split()
        }

    @cached_property
    def restrictions(self) -> Mapping[str, tuple[Restriction, ...]]:
        found: dict[str, tuple[Restriction, ...]] = {}
        for one in self.restriction:
            for name in one.operators.split():
                found[name] = (*found.get(name, ()), one)
        return found


class _Dla(_Data):
    native: str
    folded: str
    quantized: bool


@cache
def operator_table() -> OperatorTable:
    """All that is written down about the parsers."""
    return OperatorTable.model_validate(_read("operators.toml"))


def support_of(operator: str, domain: str, version: TensorRtVersion) -> Support:
    """What is written down about an operator."""
    table = operator_table()
    if operator in table.plugins.operators.split():
        return "plugin"
    if domain not in _STANDARD:
        return "unknown"
    first = table.first.get(operator)
    if first is None:
        return "no" if operator in table.never.operators.split() else "unknown"
    if first[:2] <= version[:2]:
        return "yes"
    doubtful = table.unsure.get(operator)
    return "unsure" if doubtful and TensorRtVersion.parse(doubtful)[:2] <= version[:2] else "no"


def first_version_of(operator: str) -> TensorRtVersion | None:
    """The first version that surely takes an operator, or None."""
    return operator_table().first.get(operator)


def broken_restrictions(layer: Layer, graph: ModelGraph, version: TensorRtVersion) -> Iterator[str]:
    """What stands in a layer's way though its operator is taken: half a sentence each."""
    for restriction in operator_table().restrictions.get(layer.operator, ()):
        if restriction.holds_for(version) and restriction.is_broken_by(layer, graph):
            yield restriction.what


def takes_type(dtype: str, version: TensorRtVersion) -> bool:
    first = operator_table().types.get(dtype)
    return first is not None and TensorRtVersion.parse(first)[:2] <= version[:2]


def runs_on_dla(operator: str) -> bool:
    """Whether a DLA takes the operator at all; its limits on sizes are not known here."""
    dla = _dla()
    return operator in dla.native.split() or operator in dla.folded.split()


def dla_takes_quantization() -> bool:
    return _dla().quantized


def _flows_in(layer: Layer, graph: ModelGraph, place: int) -> bool:
    """Whether what stands at a place is computed from the model's inputs, not stored."""
    if place >= len(layer.slots):
        return False
    name = layer.slots[place]
    return bool(name) and name not in graph.weights and name not in graph.prepared


@cache
def _dla() -> _Dla:
    return _Dla.model_validate(_read("dla.toml"))


def _read(name: str) -> dict[str, object]:
    file = files("resources") / "tensorrt" / name
    return tomllib.loads(file.read_text(encoding="utf-8"))
