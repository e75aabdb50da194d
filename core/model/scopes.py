"""Modules of the training code behind the layers, and short names for the layers within them.

Three sources, the best that a model has: the scopes that PyTorch's exporter writes as metadata, the
nodes' names (“/layer1/layer1.0/conv1/Conv”), the weights' names (“layer1.0.conv1.weight”). A layer
about which its source says nothing joins the layer before it.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import compress
from operator import ne

TORCH_SCOPES = "pkg.torch.onnx.name_scopes"
"""Key in a node's metadata_props, since PyTorch 2.6: a Python list, outermost module first."""
_DEEPEST = 32
_ENOUGH = 0.3
"""Share of nodes that must have a scope for a source to be trusted."""
_MOST_RETURNS = 6
"""A model that enters each of its outermost scopes more often does not consist of them."""
_QUOTED = re.compile("'([^']*)'")
_WEIGHT_END = re.compile(r"^(weight|bias|kernel|gamma|beta|running_\w+|weight_\w+|bias_\w+)$")

Path = tuple[str, ...]


@dataclass(frozen=True)
class Clues:
    """What the nodes tell about where they belong, each by its place."""

    names: Sequence[str]
    operators: Sequence[str]
    torch_scopes: Mapping[int, str]
    """Value of TORCH_SCOPES where a node has it."""
    weights: Callable[[int], Sequence[str]]
    """Names of a node's stored weights."""
    weighted: int
    """How many nodes have weights."""
    before: Callable[[int], Sequence[int]]
    """The nodes whose outputs one takes; all smaller than its own, save in cycles."""


@dataclass(frozen=True)
class Places:
    """Where the nodes belong."""

    paths: tuple[Path, ...]
    """The different scopes."""
    of: Sequence[int]
    """Node to its place in `paths`."""
    names: Sequence[str]
    """Short name, empty where nothing better than the node's own name is known."""


def places_of(clues: Clues) -> Places:
    """Scope and short name of every node."""
    count = len(clues.names)
    found = _best_source(clues)
    if found is None:
        return Places(((),), [0] * count, [""] * count)
    for index, scope in enumerate(found.of):
        if scope < 0:
            before = sorted((other for other in clues.before(index) if other < index), reverse=True)
            known = (found.of[other] for other in before)
            found.of[index] = next((scope for scope in known if scope >= 0), 0)
    if not clues.torch_scopes and _scattered(found):
        return Places(((),), [0] * count, [""] * count)
    return _collapsed(clues, found)


class _Found:
    """Scopes and last names of the nodes as one source has them; scope −1 for those it lacks."""

    def __init__(self) -> None:
        self._inner: dict[tuple[int, str], int] = {}
        """The scope of this name in another."""
        self.parts: list[str] = [""]
        """The scope's own name."""
        self.depths: list[int] = [0]
        self.above: list[int] = [0]
        """Scope to the one around it, which has a smaller number."""
        self.of: list[int] = []
        self.leaves: list[str] = []

    def add(self, path: Path | None) -> None:
        self.of.append(-1 if path is None else self.scope(path[:-1]))
        self.leaves.append("" if path is None else path[-1])

    def scope(self, path: Path) -> int:
        return reduce(self.inner, path, 0)

    def inner(self, outer: int, part: str) -> int:
        """The scope called `part` in another."""
        parts = self.parts
        number = self._inner.setdefault((outer, part), len(parts))
        if number == len(parts):
            parts.append(part)
            self.depths.append(self.depths[outer] + 1)
            self.above.append(outer)
        return number

    def paths(self, scopes: Sequence[int]) -> tuple[Path, ...]:
        """In rising order; whoever is in it has those around it in it too."""
        found: dict[int, Path] = {0: ()}
        for scope in scopes:
            if scope:
                found[scope] = (*found[self.above[scope]], self.parts[scope])
        return tuple(map(found.__getitem__, scopes))

    @property
    def scoped(self) -> int:
        """How many nodes lie in a scope."""
        return sum(map((0).__lt__, self.of))


def _best_source(clues: Clues) -> _Found | None:
    """What the best source says, or None where no source has scopes."""
    if clues.torch_scopes:
        found = _Found()
        for index in range(len(clues.names)):
            found.add(_from_torch(clues.torch_scopes.get(index, ""), clues.weights(index)))
        return found
    found = _from_node_names(clues)
    if found.scoped and found.scoped >= _ENOUGH * len(clues.names):
        return found
    found = _Found()
    for index in range(len(clues.names)):
        found.add(_from_weights(clues.weights(index)))
    return found if found.scoped and found.scoped >= _ENOUGH * clues.weighted else None


def _scattered(found: _Found) -> bool:
    """Whether the model goes to and fro between scopes, as kinds of operations do, not modules."""
    outer: list[str] = []
    for part, above in zip(found.parts, found.above, strict=True):
        outer.append(outer[above] if above else part)
    outermost = [outer[scope] for scope in found.of if scope]
    changes = sum(map(ne, outermost, outermost[1:]))
    return changes > _MOST_RETURNS * len(set(outermost))


def _from_torch(scopes: str, weights: Sequence[str]) -> Path | None:
    """The innermost module and the operation; a weight's module where the two differ.

    They differ where the exporter fused a batch normalization into the convolution before it: the
    operation is then said to belong to the normalization, the weight still to the convolution.
    """
    names: list[str] = _QUOTED.findall(scopes)[:_DEEPEST]
    owner = _from_weights(weights)
    if not names:
        return owner
    module = _parts(names[-2], ".") if len(names) > 1 else ()
    if owner is not None and (owner[:1] == module[:1] or len(module) <= 1):
        return owner
    return (*module, names[-1])


def _from_node_names(clues: Clues) -> _Found:
    """Most nodes share what stands before their last name with others: it is looked at once."""
    found = _Found()
    known: dict[str, tuple[int, str]] = {}
    put_scope, put_leaf = found.of.append, found.leaves.append
    for name, operator in zip(clues.names, clues.operators, strict=True):
        around, _, leaf = name.rpartition("/")
        scope, last = known.get(around) or _scope_of_prefix(found, known, around)
        if scope > 0 and leaf and ":" not in leaf and not operator.startswith(last):
            put_scope(scope)
            put_leaf(leaf.removeprefix(f"{last}.") if "." in leaf else leaf)
        else:
            found.add(_from_node_name(name, operator))
    return found


def _scope_of_prefix(
    found: _Found, known: dict[str, tuple[int, str]], around: str
) -> tuple[int, str]:
    """Scope of the nodes in “/layer1/layer1.0”, and the part that their last names may repeat.

    A scope of −1 means that their names must be looked at one by one.
    """
    before, slash, part = around.rpartition("/")
    if not before:
        answer = (found.scope((part,)) if part else -1, part)
    else:
        outer, last = known.get(before) or _scope_of_prefix(found, known, before)
        scope = -1
        if part and slash and outer > 0 and found.depths[outer] < _DEEPEST - 2:
            scope = found.inner(outer, part.removeprefix(f"{last}.") if "." in part else part)
        answer = scope, part
    known[around] = answer
    return answer


def _from_node_name(name: str, operator: str) -> Path | None:
    name = name.strip("/").removesuffix(":0")
    parts = _parts(name, "/" if "/" in name else ".")
    if len(parts) == 2 and parts[0] == operator and parts[1].isdecimal():
        return None  # “Mul.3” counts the multiplications and names no module
    found: list[str] = []
    prefix = ""
    for part in parts:
        # PyTorch's older exporter repeats the path in each part: layer1/layer1.0/layer1.0.conv
        found.append(part.removeprefix(f"{prefix}.") if prefix else part)
        prefix = part
    return tuple(found) or None


def _from_weights(weights: Sequence[str]) -> Path | None:
    for weight in weights:
        parts = _parts(weight, "/" if "/" in weight else ".")
        if len(parts) > 1 and (_WEIGHT_END.match(parts[-1]) or len(parts) > 2):
            return parts[:-1]
    return None


def _parts(name: str, separator: str) -> Path:
    return tuple(part for part in name.split(separator) if part)[:_DEEPEST]


def _collapsed(clues: Clues, found: _Found) -> Places:
    """Give up scopes that hold a single layer; the layer takes the scope's name instead."""
    of, names, above, members = found.of, found.leaves, found.above, _members(found)
    alone = list(map((1).__eq__, members))
    alone[0] = False
    for index in list(compress(range(len(of)), map(alone.__getitem__, of))):
        scope = of[index]
        shorter = not names[index] or _names_operation(clues, index, names[index])
        while alone[scope]:
            module = found.parts[scope]
            names[index] = module if shorter else f"{module}.{names[index]}"
            shorter, scope = False, above[scope]
        of[index] = scope
    _tell_apart(of, names, clues.operators)
    kept = [0, *(scope for scope, count in enumerate(members) if scope and count > 1)]
    number = dict(zip(kept, range(len(kept)), strict=True))
    return Places(found.paths(kept), list(map(number.__getitem__, of)), names)


def _members(found: _Found) -> list[int]:
    """How many nodes lie in each scope and in those within it."""
    members = [0] * len(found.parts)
    for scope, count in Counter(found.of).items():
        members[scope] = count
    for scope in range(len(members) - 1, 0, -1):
        members[found.above[scope]] += members[scope]
    return members


def _tell_apart(of: Sequence[int], names: list[str], operators: Sequence[str]) -> None:
    """Add the operator to names that another node in the same scope has already."""
    if len(set(zip(of, names, strict=True))) == len(names):  # often; found out much faster
        return
    used: set[tuple[int, str]] = set()
    for index, place in enumerate(zip(of, names, strict=True)):
        before = len(used)
        used.add(place)
        if len(used) == before and place[1]:
            names[index] = f"{place[1]} {operators[index]}"


def _names_operation(clues: Clues, index: int, leaf: str) -> bool:
    """Whether a leaf only repeats what the node does, such as “Conv” or PyTorch's “hardtanh_3”."""
    plain = leaf.rstrip("0123456789").rstrip("_").lower()
    said = clues.torch_scopes.get(index, "")
    return plain == clues.operators[index].lower() or f"'{leaf}']" in said
