"""Takes Keras models apart from the settings that they are saved with; none of their code runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from core.model.cost import Work
from core.model.graph import Dimension, Tensor
from core.model.scopes import Path
from core.readers.assembly import Node, Parts
from core.readers.json_text import Json, texts_in

_MODELS = frozenset({"Functional", "Model", "Sequential"})
_DEEPEST = 40
_NOT_SHOWN = frozenset({"name", "dtype"})

_Settings = dict[str, Json]


class CodeNeeded(ValueError):
    """The structure of the model is in Python code and not in the file."""


@dataclass(frozen=True)
class _Reference:
    """One output of one call of a layer."""

    layer: str
    call: int
    output: int
    shape: tuple[Dimension, ...] | None


@dataclass
class _Reader:
    nodes: list[Node] = field(default_factory=list[Node])
    tensors: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    inputs: list[str] = field(default_factory=list[str])
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    """Tensors at the borders of models within the model, to those outside or inside."""

    def draw(self, model: _Settings, inside: Path, fed: Sequence[str]) -> list[str]:
        """Draw a model; returns what leaves it."""
        if len(inside) > _DEEPEST:
            raise CodeNeeded("Models are nested in it without end.")
        settings = model.get("config")
        if isinstance(settings, dict) and "input_layers" in settings:
            return self._draw_functional(settings, inside, fed)
        layers = settings.get("layers") if isinstance(settings, dict) else settings
        if not isinstance(layers, list):
            raise CodeNeeded("Its structure is in Python code of its own, not in the file.")
        return self._draw_sequence(_objects(layers), inside, fed)

    def _draw_functional(self, settings: _Settings, inside: Path, fed: Sequence[str]) -> list[str]:
        layers = _objects(settings.get("layers"))
        outgoing = list(_references(settings.get("output_layers")))
        given = [reference.layer for reference in _references(settings.get("input_layers"))]
        calls = {_name(layer): _calls(layer) for layer in layers}
        taken = [one for found in calls.values() for call in found for one in call]
        for one in taken:
            name = _tensor_name(one, inside)
            self.tensors[name] = Tensor(name, "float32", one.shape)
        used = {(one.layer, one.call): set[int]() for one in (*taken, *outgoing)}
        for one in (*taken, *outgoing):
            used[one.layer, one.call].add(one.output)
        for layer in layers:
            name = _name(layer)
            if not calls[name]:
                number = given.index(name) if name in given else -1
                self._draw_input(layer, inside, fed[number : number + 1] if number >= 0 else ())
            for call, sources in enumerate(calls[name]):
                outputs = sorted(used.get((name, call), set()) | {0})
                made = [_Reference(name, call, output, None) for output in outputs]
                self._draw_layer(
                    layer,
                    inside,
                    [_tensor_name(one, inside) for one in sources],
                    [_tensor_name(one, inside) for one in made],
                    call,
                )
        return [_tensor_name(one, inside) for one in outgoing]

    def _draw_sequence(
        self, layers: Sequence[_Settings], inside: Path, fed: Sequence[str]
    ) -> list[str]:
        now = list(fed[:1])
        for layer in layers:
            if layer.get("class_name") == "InputLayer":
                now = [self._draw_input(layer, inside, now)]
                continue
            if not now:
                now = [self._draw_input(_first_input(layer), inside, ())]
            made = _tensor_name(_Reference(_name(layer), 0, 0, None), inside)
            built = layer.get("build_config")
            shape = _shape(built.get("input_shape")) if isinstance(built, dict) else None
            self.tensors.setdefault(now[0], Tensor(now[0], "float32", shape))
            self._draw_layer(layer, inside, now, [made], 0)
            now = [made]
        return now

    def _draw_input(self, layer: _Settings, inside: Path, fed: Sequence[str]) -> str:
        name = _tensor_name(_Reference(_name(layer), 0, 0, None), inside)
        if fed:
            self.aliases[name] = fed[0]
            return name
        settings = _settings(layer)
        shape = _shape(settings.get("batch_shape", settings.get("batch_input_shape")))
        dtype = settings.get("dtype")
        self.tensors[name] = Tensor(name, dtype if isinstance(dtype, str) else "float32", shape)
        self.inputs.append(name)
        return name

    def _draw_layer(
        self,
        layer: _Settings,
        inside: Path,
        taken: Sequence[str],
        made: Sequence[str],
        call: int,
    ) -> None:
        kind = str(layer.get("class_name", "Layer"))
        name = _name(layer) if call == 0 else f"{_name(layer)} (call {call + 1})"
        if kind in _MODELS:
            outputs = self.draw(layer, (*inside, name), taken)
            self.aliases.update(zip(made, outputs, strict=False))
            return
        settings = _settings(layer)
        shown = {key: text for key, text in texts_in(settings).items() if key not in _NOT_SHOWN}
        self.nodes.append(
            Node(
                operator=kind.rpartition(">")[2],
                domain="custom" if ">" in kind else "",
                name="/".join((*inside, name)),
                path=name,
                inputs=tuple(taken),
                outputs=tuple(made),
                inside=inside,
                attributes=shown,
                work=Work(kind, [], [None], {"kernel_shape": _kernel(settings)}),
            )
        )

    def resolved(self, name: str) -> str:
        for _ in range(_DEEPEST):
            if name not in self.aliases:
                break
            name = self.aliases[name]
        return name


def parts_of(model: Json) -> Parts:
    """The model's layers; models within it are groups. Raises CodeNeeded."""
    if not isinstance(model, dict):
        raise CodeNeeded("It has no settings of a model.")
    reader = _Reader()
    outputs = [reader.resolved(name) for name in reader.draw(model, (), ())]
    nodes = [
        Node(
            operator=node.operator,
            domain=node.domain,
            name=node.name,
            path=node.path,
            inputs=tuple(reader.resolved(name) for name in node.inputs),
            outputs=node.outputs,
            inside=node.inside,
            attributes=node.attributes,
            work=node.work,
        )
        for node in reader.nodes
    ]
    return Parts(nodes, reader.tensors, {}, reader.inputs, list(dict.fromkeys(outputs)))


def _objects(values: Json) -> list[_Settings]:
    return (
        [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
    )


def _settings(layer: _Settings) -> _Settings:
    settings = layer.get("config")
    return settings if isinstance(settings, dict) else {}


def _name(layer: _Settings) -> str:
    name = layer.get("name", _settings(layer).get("name"))
    return str(name) if name else str(layer.get("class_name", "layer"))


def _first_input(layer: _Settings) -> _Settings:
    """What Keras calls the input of a sequence that does not begin with one."""
    settings: _Settings = {**_settings(layer), "name": f"{_name(layer)}_input"}
    return {"class_name": "InputLayer", "config": settings}


def _calls(layer: _Settings) -> "list[list[_Reference]]":
    """What each call of a layer takes."""
    calls = layer.get("inbound_nodes")
    return [list(_references(call)) for call in calls] if isinstance(calls, list) else []


def _references(value: Json, depth: int = 0) -> Iterator[_Reference]:
    """Keras 3 has them as objects, Keras 2 as lists of a layer, a call and an output."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        settings = _settings(value)
        history = settings.get("keras_history")
        if value.get("class_name") == "__keras_tensor__" and isinstance(history, list):
            yield from _reference(history, _shape(settings.get("shape")))
            return
        for inner in value.values():
            yield from _references(inner, depth + 1)
    elif isinstance(value, list):
        found = list(_reference(value, None))
        yield from found
        for inner in value[3:] if found else value:
            yield from _references(inner, depth + 1)


def _reference(row: Sequence[Json], shape: tuple[Dimension, ...] | None) -> Iterator[_Reference]:
    if len(row) >= 3:
        layer, call, output = row[:3]
        if isinstance(layer, str) and isinstance(call, int) and isinstance(output, int):
            yield _Reference(layer, call, output, shape)


def _tensor_name(one: _Reference, inside: Path) -> str:
    own = one.layer
    if one.call or one.output:
        own = f"{own}:{one.call}:{one.output}"
    return "/".join((*inside, own))


def _shape(value: Json) -> tuple[Dimension, ...] | None:
    if not isinstance(value, list):
        return None
    return tuple(size if isinstance(size, int) else None for size in value)


def _kernel(settings: Mapping[str, Json]) -> list[int]:
    sizes = settings.get("kernel_size", settings.get("pool_size"))
    values = sizes if isinstance(sizes, list) else []
    return [size for size in cast("list[object]", values) if isinstance(size, int)]
