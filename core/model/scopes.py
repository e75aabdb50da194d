"""Modules of the training code behind the layers, and short names for the layers within them.

Three sources, the best that a model has: the scopes that PyTorch's exporter writes as metadata, the
nodes' names (“/layer1/layer1.0/conv1/Conv”), the weights' names (“layer1.0.conv1.weight”). A layer
about which its source says nothing joins the layer before it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

TORCH_SCOPES = "pkg.torch.onnx.name_scopes"
"""Key in a node's metadata_props, since PyTorch 2.6: a Python list, outermost module first."""
_DEEPEST = 32
_ENOUGH = 0.3
"""Share of nodes that must have a scope for a source to be trusted."""
_MOST_RETURNS = 6
"""A model that enters each of its outermost scopes more often than this does not consist of them."""
_QUOTED = re.compile("'([^']*)'")
_WEIGHT_END = re.compile(r"^(weight|bias|kernel|gamma|beta|running_\w+|weight_\w+|bias_\w+)$")

Path = tuple[str, ...]


@dataclass(frozen=True)
class Clues:
    """What a node tells about where it belongs."""

    node_name: str
    operator: str
    torch_scopes: str
    """Value of TORCH_SCOPES, or empty."""
    weights: Sequence[str]
    """Names of its stored weights."""
    before: Sequence[int]
    """Indices of the nodes whose outputs it takes; all smaller than its own, save in cycles."""


@dataclass(frozen=True)
class Place:
    scope: Path
    name: str


def places_of(nodes: Sequence[Clues]) -> tuple[Place, ...]:
    """Scope and short name of every node; the name is empty where nothing better than the
    node's own name is known."""
    paths = _best_paths(nodes)
    if paths is None:
        return (Place((), ""),) * len(nodes)
    scopes = [None if path is None else path[:-1] for path in paths]
    for index, clues in enumerate(nodes):
        if scopes[index] is None:
            before = [scopes[other] for other in sorted(clues.before) if other < index]
            scopes[index] = next((scope for scope in reversed(before) if scope is not None), ())
    if _scattered(scopes) and not any(clues.torch_scopes for clues in nodes):
        return (Place((), ""),) * len(nodes)
    leaves = ["" if path is None else path[-1] for path in paths]
    return _collapsed(nodes, [scope or () for scope in scopes], leaves)


def _scattered(scopes: Sequence[Path | None]) -> bool:
    """Whether the model goes to and fro between scopes, as kinds of operations do, not modules."""
    outermost = [scope[0] for scope in scopes if scope]
    changes = sum(one != two for one, two in pairwise(outermost))
    return changes > _MOST_RETURNS * len(set(outermost))


def _best_paths(nodes: Sequence[Clues]) -> list[Path | None] | None:
    """Scope and name of each node from the best source, or None where no source has scopes."""
    if any(clues.torch_scopes for clues in nodes):
        return [_from_torch(clues) for clues in nodes]
    weighted = sum(bool(clues.weights) for clues in nodes)
    for source, concerned in ((_from_node_name, len(nodes)), (_from_weights, weighted)):
        paths = [source(clues) for clues in nodes]
        scoped = sum(path is not None and len(path) > 1 for path in paths)
        if scoped and scoped >= _ENOUGH * concerned:
            return paths
    return None


def _from_torch(clues: Clues) -> Path | None:
    """The innermost module and the operation; a weight's module where the two differ.

    They differ where the exporter fused a batch normalization into the convolution before it: the
    operation is then said to belong to the normalization, the weight still to the convolution.
    """
    names: list[str] = _QUOTED.findall(clues.torch_scopes)[:_DEEPEST]
    owner = _from_weights(clues)
    if not names:
        return owner
    module = _parts(names[-2], ".") if len(names) > 1 else ()
    if owner is not None and (owner[:1] == module[:1] or len(module) <= 1):
        return owner
    return (*module, names[-1])


def _from_node_name(clues: Clues) -> Path | None:
    name = clues.node_name.strip("/").removesuffix(":0")
    parts = _parts(name, "/" if "/" in name else ".")
    if len(parts) == 2 and parts[0] == clues.operator and parts[1].isdecimal():
        return None  # “Mul.3” counts the multiplications and names no module
    found: list[str] = []
    prefix = ""
    for part in parts:
        # PyTorch's older exporter repeats the path in each part: layer1/layer1.0/layer1.0.conv
        found.append(part.removeprefix(f"{prefix}.") if prefix else part)
        prefix = part
    return tuple(found) or None


def _from_weights(clues: Clues) -> Path | None:
    for weight in clues.weights:
        parts = _parts(weight, "/" if "/" in weight else ".")
        if len(parts) > 1 and (_WEIGHT_END.match(parts[-1]) or len(parts) > 2):
            return parts[:-1]
    return None


def _parts(name: str, separator: str) -> Path:
    return tuple(part for part in name.split(separator) if part)[:_DEEPEST]


def _collapsed(nodes: Sequence[Clues], scopes: list[Path], leaves: list[str]) -> tuple[Place, ...]:
    """Give up scopes that hold a single layer; the layer takes the scope's name instead."""
    members = Counter(scope[:depth] for scope in scopes for depth in range(1, len(scope) + 1))
    found: list[Place] = []
    used: Counter[tuple[Path, str]] = Counter()
    for clues, full, end in zip(nodes, scopes, leaves, strict=True):
        scope, name = full, end
        is_operation = _names_operation(clues, end)
        while scope and members[scope] == 1:
            name = scope[-1] if is_operation or not name else f"{scope[-1]}.{name}"
            is_operation = False
            scope = scope[:-1]
        if name:
            used[scope, name] += 1
            if used[scope, name] > 1:
                name = f"{name} {clues.operator}"
        found.append(Place(scope, name))
    return tuple(found)


def _names_operation(clues: Clues, leaf: str) -> bool:
    """Whether a leaf only repeats what the node does, such as “Conv” or PyTorch's “hardtanh_3”."""
    plain = leaf.rstrip("0123456789").rstrip("_").lower()
    return plain == clues.operator.lower() or f"'{leaf}']" in clues.torch_scopes
