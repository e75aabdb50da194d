"""Takes Kaldi's nnet3 networks apart: lines of text, even in binary files, then components."""

import re
from collections.abc import Mapping

from core.model.graph import Tensor
from core.readers.assembly import Node, Parts

_LONGEST_TEXT = 16 << 20
_BEGIN, _END = b"<Nnet3>", b"<NumComponents>"
_COMPONENT = re.compile(rb"<ComponentName>\s+(\S{1,200})\s+<(\w{1,100})>")
_SETTING = re.compile(r"([\w-]+)=(.*?)(?=\s+[\w-]+=|$)")
_NAME = re.compile(r"(?<![\w.-])[A-Za-z_][\w.-]*+(?!\s*\()")
_NO_NODES = frozenset({"t", "x", "n"})
"""Words in descriptors that name an index and no node."""


def parts_of(data: memoryview) -> Parts:
    """The nodes of the network; empty where there are no lines that describe one."""
    content = bytes(data[:_LONGEST_TEXT])
    begin = content.find(_BEGIN)
    if begin < 0:
        return Parts((), {}, {}, (), ())
    end = content.find(_END, begin)
    lines = content[begin + len(_BEGIN) : end if end >= 0 else None].decode(errors="replace")
    kinds = {
        match[1].decode(errors="replace"): match[2].decode() for match in _COMPONENT.finditer(data)
    }
    nodes: list[Node] = []
    tensors: dict[str, Tensor] = {}
    inputs: list[str] = []
    outputs: list[str] = []
    for line in lines.splitlines():
        kind, _, rest = line.strip().partition(" ")
        settings = {match[1]: match[2].strip() for match in _SETTING.finditer(rest)}
        name = settings.get("name", "")
        dim = settings.get("dim", "")
        if name and dim.isdecimal():
            tensors[name] = Tensor(name, "float32", (None, int(dim)))
        if kind == "input-node":
            inputs.append(name)
        elif kind == "output-node":
            outputs.append(name)
        if kind in ("component-node", "dim-range-node", "output-node") and name:
            nodes.append(_node(kind, name, settings, kinds))
    return Parts(nodes, tensors, {}, inputs, outputs)


def _node(kind: str, name: str, settings: Mapping[str, str], kinds: Mapping[str, str]) -> Node:
    component = kinds.get(settings.get("component", ""), "").removesuffix("Component")
    titles = {"dim-range-node": "DimRange", "output-node": "Output"}
    descriptor = settings.get("input", "") or settings.get("input-node", "")
    taken = [word for word in dict.fromkeys(_NAME.findall(descriptor)) if word not in _NO_NODES]
    shown = {key: text for key, text in settings.items() if key not in ("name",)}
    operator = titles.get(kind) or component or "Component"
    return Node(operator, tuple(taken), (name,), name=name, attributes=shown)
