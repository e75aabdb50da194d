"""Frozen data classes as JSON has them and back, without pydantic: importing that takes longer than
opening most models. What is said here of data classes holds for pydantic's models as well.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Protocol,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

if TYPE_CHECKING:
    from pydantic import BaseModel


class DataClass(Protocol):
    """Any data class."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


Data: TypeAlias = "BaseModel | DataClass"
T = TypeVar("T")


def plain_of(value: object) -> Any:
    """The value in numbers, texts, lists and dictionaries; None for what is no finite number."""
    found: Any = value
    match value:
        case None | bool() | int() | str():
            pass
        case float():
            found = value if isfinite(value) else None
        case Path():
            found = str(value)
        case Mapping():
            pairs = cast("Mapping[object, object]", value).items()
            found = {str(name): plain_of(each) for name, each in pairs}
        case tuple() | list():
            found = [plain_of(each) for each in cast("list[object]", value)]
        case _ if is_dataclass(value):
            found = {field.name: plain_of(getattr(value, field.name)) for field in fields(value)}
        case _:
            found = cast("BaseModel", value).model_dump(mode="json")
    return found


def json_of(value: object, indent: int | None = None) -> str:
    """The value as JSON, in one line unless there is an indent."""
    separators = (",", ":") if indent is None else None
    return json.dumps(plain_of(value), ensure_ascii=False, indent=indent, separators=separators)


def value_of(kind: type[T], plain: object) -> T:
    """What `plain_of` made plain. Raises ValueError for anything else.

    Names that a data class does not have are passed over: a newer version may have written them.
    """
    read = getattr(kind, "model_validate", None)
    return _read(kind, plain) if read is None else read(plain)


def _read(kind: Any, plain: Any) -> Any:
    """Tuples are of one type and of any length."""
    origin, inner = get_origin(kind) or kind, get_args(kind)
    found: Any = plain
    if origin in (Union, UnionType):
        found = _first_that_fits(inner, plain)
    elif origin is tuple and isinstance(plain, list):
        found = tuple(_read(inner[0], each) for each in cast("list[object]", plain))
    elif origin is dict and isinstance(plain, dict):
        pairs = cast("dict[str, object]", plain).items()
        found = {name: _read(inner[1], each) for name, each in pairs}
    elif is_dataclass(origin) and isinstance(plain, dict):
        found = _instance(kind, cast("dict[str, object]", plain))
    elif origin is Path and isinstance(plain, str):
        found = Path(plain)
    elif origin is float and type(plain) is int:
        found = float(plain)
    elif origin is not Any and type(plain) is not origin and plain not in inner:
        raise ValueError(f"{str(plain)[:80]!r} is no {kind}")
    return found


def _first_that_fits(kinds: tuple[Any, ...], plain: Any) -> Any:
    for kind in kinds:
        with suppress(ValueError):
            return _read(kind, plain)
    raise ValueError(f"{str(plain)[:80]!r} is none of {kinds}")


def _instance(kind: type[DataClass], plain: dict[str, object]) -> object:
    types = _types(kind)
    lacking = {field.name for field in fields(kind) if _is_needed(field)} - plain.keys()
    if lacking:
        raise ValueError(f"{', '.join(sorted(lacking))} of {kind.__name__} is missing")
    return kind(**{name: _read(types[name], plain[name]) for name in types if name in plain})


@cache
def _types(kind: type[DataClass]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _is_needed(field: Any) -> bool:
    return field.default is MISSING and field.default_factory is MISSING
