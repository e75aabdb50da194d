"""Finds the variants in a folder: one module, one class, one instance."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import ClassVar, Generic, Protocol, TypeVar

from core.errors import InputError


class Named(Protocol):
    """A variant is known by its name."""

    name: ClassVar[str]


T = TypeVar("T", bound=Named)
V = TypeVar("V")


@dataclass(frozen=True)
class Catalogue(Generic[V]):
    """The variants of one kind, by name, and why others could not be loaded."""

    kind: str
    found: Mapping[str, V]
    failed: Mapping[str, str]
    """Module name to the reason why it could not be imported."""

    def __iter__(self) -> Iterator[V]:
        return iter(self.found.values())

    def __contains__(self, name: object) -> bool:
        return name in self.found

    def __getitem__(self, name: str) -> V:
        if name in self.found:
            return self.found[name]
        why = self.failed.get(name) or f"Known are: {', '.join(sorted(self.found)) or 'none'}."
        raise InputError(f"There is no {self.kind} called “{name}”.", why, "Choose a known one.")


def discover(package: ModuleType, base: type[T], kind: str) -> Catalogue[T]:
    """Instantiate every concrete subclass of `base` that a module of `package` defines.

    The module `base` of the package is skipped. A module that fails to import stays listed
    in `failed` with its reason, so that one broken variant never takes the others with it.
    """
    types = discover_types(package, base, kind)
    return Catalogue(kind, {name: variant() for name, variant in types.found.items()}, types.failed)


def discover_types(package: ModuleType, base: type[T], kind: str) -> Catalogue[type[T]]:
    """The same for variants that are data: the classes themselves."""
    found: dict[str, type[T]] = {}
    failed: dict[str, str] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if info.name == "base" or info.ispkg:
            continue
        try:
            module = importlib.import_module(f"{package.__name__}.{info.name}")
        except Exception as error:  # a variant's module may fail in any way
            failed[info.name] = f"{type(error).__name__}: {error}"
            continue
        found.update((variant.name, variant) for variant in _variants(module, base))
    return Catalogue(kind, found, failed)


def discover_one(package: ModuleType, base: type[T], name: str) -> T | None:
    """The variant of this name from the module of the same name, or None to look through all.

    A dash in the name is an underscore in the module's.
    """
    file = name.replace("-", "_")
    known = {info.name for info in pkgutil.iter_modules(package.__path__)}
    if file not in known - {"base"}:
        return None
    try:
        module = importlib.import_module(f"{package.__name__}.{file}")
    except Exception:  # whoever looks through all tells the reason
        return None
    return next((one() for one in _variants(module, base) if one.name == name), None)


def _variants(module: ModuleType, base: type[T]) -> Iterator[type[T]]:
    for _, member in inspect.getmembers(module, inspect.isclass):
        own = member.__module__ == module.__name__
        if own and issubclass(member, base) and not inspect.isabstract(member):
            yield member
