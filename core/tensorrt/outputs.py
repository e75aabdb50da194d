"""Reads the files that trtexec writes: times, layers' times, what the engine consists of, answers.

The formats are those of versions 8.2 to 11. A file from a board is never trusted: what is not of
its form is told as such, not guessed at.
"""

import json
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.errors import UserError


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class InferenceTime(_Read):
    """One inference, in milliseconds since the run began."""

    start_compute_ms: float = Field(validation_alias="startComputeMs")
    end_compute_ms: float = Field(validation_alias="endComputeMs")
    compute_ms: float = Field(validation_alias="computeMs", ge=0)
    """On the GPU or DLA alone."""
    latency_ms: float = Field(validation_alias="latencyMs", ge=0)
    """With the copies to and from the device, where they are counted."""


class LayerTime(_Read):
    """One entry of --exportProfile."""

    name: str
    average_ms: float = Field(validation_alias="averageMs", ge=0)
    median_ms: float | None = Field(default=None, validation_alias="medianMs", ge=0)
    """Only from version 8.5 on."""

    @property
    def milliseconds(self) -> float:
        return self.average_ms if self.median_ms is None else self.median_ms


class LayerTimes(_Read):
    """What --exportProfile wrote."""

    inferences: int
    layers: tuple[LayerTime, ...]


class EngineTensor(_Read):
    """What flows in or out of a layer of the engine."""

    name: str = Field(validation_alias="Name")
    dimensions: tuple[int, ...] = Field(default=(), validation_alias="Dimensions")
    format: str = Field(default="", validation_alias="Format/Datatype")
    """In TensorRT's words, e.g. “Thirty-two wide channel vectorized row major Int8 format”."""


class EngineLayer(_Read):
    """One layer of an engine. Of an engine that was not built in detail only the name is known."""

    name: str = Field(validation_alias="Name")
    kind: str = Field(default="", validation_alias="LayerType")
    """CaskConvolution, Reformat, NoOp, Myelin …"""
    inputs: tuple[EngineTensor, ...] = Field(default=(), validation_alias="Inputs")
    outputs: tuple[EngineTensor, ...] = Field(default=(), validation_alias="Outputs")
    tactic: str = Field(default="", validation_alias="TacticName")
    weights_type: str = ""
    sparse: bool = False
    """Whether a 2:4 sparse kernel was taken."""
    metadata: str = Field(default="", validation_alias="Metadata")
    """From version 10 on: the ONNX nodes that it came from."""


class EngineLayers(_Read):
    """What --exportLayerInfo wrote."""

    layers: tuple[EngineLayer, ...]
    detailed: bool
    """Whether more than names is known."""


class Answer(_Read):
    """One output tensor of --exportOutput."""

    name: str
    dimensions: tuple[int, ...]
    values: tuple[float, ...]


def times_of(text: str) -> tuple[InferenceTime, ...]:
    """From --exportTimes. Raises UserError."""
    return _checked(TypeAdapter(tuple[InferenceTime, ...]), _json(text, "times"), "times")


def profile_of(text: str) -> LayerTimes:
    """From --exportProfile. Raises UserError."""
    rows = _json(text, "layers’ times")
    if not isinstance(rows, list) or not rows or not _is_count(cast("list[Any]", rows)[0]):
        raise _foreign("layers’ times", "It does not begin with the count of inferences.")
    first, *layers = cast("list[Any]", rows)
    read = _checked(TypeAdapter(tuple[LayerTime, ...]), layers, "layers’ times")
    return LayerTimes(inferences=int(first["count"]), layers=read)


def engine_layers_of(text: str) -> EngineLayers:
    """From --exportLayerInfo; entries are bare names where the engine was not built in detail.

    Raises UserError.
    """
    read = _json(text, "engine’s layers")
    entries = cast("dict[str, Any]", read).get("Layers") if isinstance(read, dict) else None
    if not isinstance(entries, list):
        raise _foreign("engine’s layers", "It has no list of layers.")
    rows = [_entry(one) for one in cast("list[Any]", entries)]
    layers = _checked(TypeAdapter(tuple[EngineLayer, ...]), rows, "engine’s layers")
    return EngineLayers(layers=layers, detailed=any(layer.kind for layer in layers))


def answers_of(text: str) -> tuple[Answer, ...]:
    """From --exportOutput; sizes are written “1x1000” there. Raises UserError."""
    read = _json(text, "answers")
    if not isinstance(read, list):
        raise _foreign("answers", "It is no list.")
    rows = [_sized(one) for one in cast("list[Any]", read)]
    return _checked(TypeAdapter(tuple[Answer, ...]), rows, "answers")


def _is_count(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(cast("dict[str, Any]", row).get("count"), int)


def _entry(row: Any) -> Any:
    if not isinstance(row, dict):
        return {"Name": row}
    entry = dict(cast("dict[str, Any]", row))
    weights = entry.get("Weights")
    if isinstance(weights, dict):
        entry["weights_type"] = str(cast("dict[str, Any]", weights).get("Type", ""))
    entry["sparse"] = bool(entry.get("HasSparseWeights", 0))
    return {name: value for name, value in entry.items() if value is not None}


def _sized(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    entry = cast("dict[str, Any]", row)
    sizes = str(entry.get("dimensions", ""))
    return {**entry, "dimensions": sizes.split("x") if sizes else []}


def _json(text: str, what: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise _foreign(what, f"It is no JSON: {error}.") from error


def _checked(adapter: "TypeAdapter[Any]", rows: object, what: str) -> Any:
    try:
        return adapter.validate_python(rows)
    except ValidationError as error:
        first = error.errors()[0]
        place = " → ".join(str(part) for part in first["loc"])
        raise _foreign(what, f"At {place or 'its top'}: {first['msg']}.") from error


def _foreign(what: str, why: str) -> UserError:
    return UserError(
        f"The file with the {what} that trtexec wrote could not be read.",
        why[:300],
        "Run it again; if it happens again, report it with the log.",
    )
