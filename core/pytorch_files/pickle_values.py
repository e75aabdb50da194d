"""What a pickle that is read as data consists of, besides numbers, texts, lists and tuples."""

from dataclasses import dataclass, field
from typing import cast


class BadPickle(Exception):
    """The bytes are no pickle that can be read."""


@dataclass(frozen=True)
class Global:
    """The name of something that the pickle wants imported."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Call:
    """What a call or an instantiation would have made, with what it would have been filled with."""

    function: object
    arguments: tuple[object, ...]
    state: object = None
    items: list[tuple[object, object]] = field(default_factory=list[tuple[object, object]])
    elements: list[object] = field(default_factory=list[object])


@dataclass(frozen=True, eq=False)
class External:
    """What lies outside the pickle, such as the storage of a tensor."""

    key: object


@dataclass(frozen=True, eq=False)
class Table:
    """A dictionary, with keys of any kind, in the pickle's order."""

    items: list[tuple[object, object]]


def as_tuple(value: object) -> tuple[object, ...] | None:
    """The value itself where it is a tuple."""
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else None


def as_list(value: object) -> list[object] | None:
    """The value itself where it is a list."""
    return cast("list[object]", value) if isinstance(value, list) else None
