"""Values of ONNX attributes: which type an operator asks for, and reading what a person gave."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    import onnx

AttributeValue = int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[str, ...] | None


class Expected(NamedTuple):
    """What an operator's definition says of one attribute."""

    type: int
    """A number of AttributeProto.AttributeType."""
    required: bool


def expected_types(node: "onnx.NodeProto", opset: int) -> Mapping[str, Expected] | None:
    """The attributes that a node's operator has; None for an operator that onnx does not know."""
    from onnx import defs

    try:
        schema = defs.get_schema(node.op_type, opset, node.domain)
    except defs.SchemaError:
        return None
    return {
        name: Expected(type_number(attribute), bool(attribute.required))
        for name, attribute in schema.attributes.items()
    }


def type_number(attribute: "onnx.defs.OpSchema.Attribute") -> int:
    """What AttributeProto.type is for an attribute of a definition."""
    return cast("int", attribute.type.value)  # pyright: ignore  # pybind11 enum without stubs


def read_value(
    name: str, value: AttributeValue, wanted: int | None
) -> "onnx.AttributeProto | None":
    """The attribute that holds `value`; None takes it away. Raises ValueError where it is none.

    Text is read as the wanted type; without one as what it looks like.
    """
    from onnx import helper

    if value is None:
        return None
    if wanted is None:
        return helper.make_attribute(name, _guessed(value) if isinstance(value, str) else value)
    if wanted not in _READERS:
        raise ValueError(f"{name} holds what cannot be typed")
    return helper.make_attribute(name, _READERS[wanted](value), attr_type=wanted)


def type_words(wanted: int | None) -> str:
    """What to give for a type, for a sentence."""
    return _WORDS.get(wanted or 0, "a number, a text, or a list of these with commas")


def _whole(value: AttributeValue) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(f"{value} is not whole")
    if isinstance(value, tuple):
        raise ValueError("a list is no number")
    return int(value or 0)


def _real(value: AttributeValue) -> float:
    if isinstance(value, tuple):
        raise ValueError("a list is no number")
    return float(value or 0)


def _text(value: AttributeValue) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value} is no text")
    return value


def _list_of(read: Callable[[AttributeValue], object]) -> Callable[[AttributeValue], object]:
    def read_list(value: AttributeValue) -> object:
        if isinstance(value, str):
            value = tuple(part.strip() for part in value.strip("[]() ").split(",") if part.strip())
        parts: tuple[AttributeValue, ...] = value if isinstance(value, tuple) else (value,)
        return [read(part) for part in parts]

    return read_list


def _guessed(value: str) -> object:
    parts = [part.strip() for part in value.split(",")]
    for read in (int, float):
        try:
            numbers = [read(part) for part in parts]
        except ValueError:
            continue
        return numbers if len(numbers) > 1 else numbers[0]
    return value


_READERS: Mapping[int, Callable[[AttributeValue], object]] = {
    1: _real,
    2: _whole,
    3: _text,
    6: _list_of(_real),
    7: _list_of(_whole),
    8: _list_of(_text),
}
"""By AttributeProto.AttributeType."""
_WORDS: Mapping[int, str] = {
    1: "a number",
    2: "a whole number",
    3: "a text",
    4: "it a value in the program that made the model; a tensor cannot be typed",
    5: "it a value in the program that made the model; a graph cannot be typed",
    6: "numbers with commas",
    7: "whole numbers with commas",
    8: "texts with commas",
}
