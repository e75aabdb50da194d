"""Takes a TensorFlow Lite file apart: its subgraphs, operators, tensors and where weights lie."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.model import cost, tensor_types
from core.model.attributes import plain
from core.model.graph import Dimension, Tensor, Weight
from core.model.scopes import Path
from core.readers.assembly import Node, Parts, Stored, stored
from core.readers.flatbuffer import Buffer, Table
from core.readers.stored_numbers import Place
from core.readers.tflite_cost import work_of
from core.readers.tflite_schema import Schema, operator_title, schema
from core.readers.tflite_words import metadata_of, note_on, option_name, text_of

_ARITHMETIC_INTEGERS = frozenset({"int32", "int64"})
_CUSTOM = "CUSTOM"
_NOT_SAID = frozenset({"NONE", ""})
_SUBGRAPH = re.compile("(?P<role>.*?)_?subgraph_index$")
_FED_BY_CALLER: Mapping[str, int] = {
    "WHILE": 0, "CALL": 0, "STABLEHLO_COMPOSITE": 0, "STABLEHLO_WHILE": 0, "IF": 1,
    "STABLEHLO_CASE": 1,
}  # fmt: skip
"""Operators whose inputs, from this one on, are those of the subgraphs that they call."""


@dataclass(frozen=True)
class TfliteModel:
    """A file taken apart."""

    parts: Parts
    version: int
    description: str
    metadata: Mapping[str, str]
    places: Mapping[str, Place]
    """Where each weight's numbers lie in the file; those in other files are left out."""


@dataclass(frozen=True)
class _Subgraph:
    """One subgraph, its tensors' names made unique in the file."""

    index: int
    title: str
    table: Table
    tensors: Sequence[Table]
    names: Sequence[str]

    def named(self, numbers: Sequence[int]) -> tuple[str, ...]:
        """Names of tensors; empty where an operator leaves one out, or the number is none."""
        count = len(self.names)
        return tuple(self.names[number] if 0 <= number < count else "" for number in numbers)


@dataclass
class _Reader:
    model: Table
    schema: Schema
    buffers: Sequence[Table]
    codes: Sequence[tuple[str, str]]
    """Operator and its custom name, by operator code."""
    nodes: list[Node] = field(default_factory=list[Node])
    tensors: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    constants: dict[str, Stored] = field(default_factory=dict[str, Stored])
    notes: dict[str, str] = field(default_factory=dict[str, str])
    """Quantization and sparsity of tensors, in words."""
    aliases: dict[str, str] = field(default_factory=dict[str, str])
    """Inputs of called subgraphs, to the caller's tensors."""
    drawn: dict[int, Path] = field(default_factory=dict[int, Path])
    """Subgraphs that are drawn, and the group they are drawn in."""
    warnings: list[str] = field(default_factory=list[str])
    subgraphs: list[_Subgraph] = field(default_factory=list[_Subgraph])
    places: dict[str, Place] = field(default_factory=dict[str, Place])

    def parts(self) -> Parts:
        inputs: list[str] = []
        outputs: list[str] = []
        self.subgraphs = list(self._named_subgraphs())
        for subgraph in self.subgraphs:
            self._read_tensors(subgraph)
        for subgraph in self.subgraphs:
            if subgraph.index in self.drawn:
                continue
            self._draw(subgraph, (subgraph.title,) if subgraph.index else ())
            inputs += filter(None, subgraph.named(subgraph.table.numbers("inputs")))
            outputs += filter(None, subgraph.named(subgraph.table.numbers("outputs")))
        return Parts(
            self.nodes,
            self.tensors,
            self.constants,
            [name for name in dict.fromkeys(inputs) if name not in self.constants],
            list(dict.fromkeys(outputs)),
            self.warnings,
        )

    def _named_subgraphs(self) -> Iterator[_Subgraph]:
        used: set[str] = set()
        titles: Counter[str] = Counter()
        for index, table in enumerate(self.model.tables("subgraphs")):
            title = table.text("name") or f"subgraph {index}"
            titles[title] += 1
            title = title if titles[title] == 1 else f"{title} {index}"
            tensors = table.tables("tensors")
            own = [tensor.text("name") for tensor in tensors]
            names = [
                _unique(f"{title}/{name}" if index and name else name, number, used)
                for number, name in enumerate(own)
            ]
            yield _Subgraph(index, title, table, tensors, names)

    def _read_tensors(self, subgraph: _Subgraph) -> None:
        given = set(subgraph.table.numbers("inputs"))
        for number, (table, name) in enumerate(zip(subgraph.tensors, subgraph.names, strict=True)):
            dtype = self.schema.name("TensorType", table.number("type")).lower()
            fixed = table.numbers("shape")
            free = table.numbers("shapeSignature") or fixed
            shape: tuple[Dimension, ...] = tuple(None if size < 0 else size for size in free)
            self.tensors[name] = Tensor(name, _dtype(dtype), shape)
            self.notes[name] = note_on(table)
            start, size = self._stored(table)
            if size and number not in given and not table.number("isVariable"):
                self._add_constant(name, _dtype(dtype), fixed, size, sparse=_is_sparse(table))
                if start:
                    self.places[name] = Place(start, size, _dtype(dtype), fixed)

    def _add_constant(
        self, name: str, dtype: str, shape: Sequence[int], size: int, *, sparse: bool
    ) -> None:
        if any(length < 0 for length in shape):
            self.warnings.append(f"Weight “{plain(name)}” has a negative size.")
            return
        expected = tensor_types.bytes_of(dtype, shape)
        if expected is not None and size != expected and not sparse:
            says = f"says it has {expected:,} bytes and {size:,} are stored"
            self.warnings.append(f"Weight “{plain(name)}” {says}.")
        quantized = "scale" in self.notes[name]
        weight = Weight(name, dtype, tuple(shape), size)
        learnt = True if quantized and dtype in _ARITHMETIC_INTEGERS else None
        self.constants[name] = stored(weight, learnt=learnt)

    def _stored(self, tensor: Table) -> tuple[int, int]:
        """Where a tensor's numbers lie and their bytes; at 0 for those in another file."""
        outside = tensor.number("externalBuffer")
        if outside:
            found = (one for one in self.model.tables("externalBuffers"))
            lengths = (one.number("length") for one in found if one.number("id") == outside)
            return 0, next(lengths, 0)
        number = tensor.number("buffer")
        if not 0 < number < len(self.buffers):
            return 0, 0
        buffer = self.buffers[number]
        start, count = buffer.span("data")
        if not count and buffer.number("offset") > 1:
            start, count = buffer.number("offset"), buffer.number("size")
            buffer.buffer.check(start, count)
        return start, count

    def _draw(self, subgraph: _Subgraph, inside: Path) -> None:
        self.drawn[subgraph.index] = inside
        for index, operator in enumerate(subgraph.table.tables("operators")):
            self._draw_operator(subgraph, operator, index, inside)

    def _draw_operator(self, subgraph: _Subgraph, table: Table, index: int, inside: Path) -> None:
        number = table.number("opcodeIndex")
        code, custom = self.codes[number] if number < len(self.codes) else ("UNKNOWN", "")
        options = self._options(table)
        inputs = self._resolved(subgraph.named(table.numbers("inputs")))
        outputs = subgraph.named(table.numbers("outputs"))
        called = list(self._called(options))
        if called:
            inside = (*inside, f"{operator_title(code)} {index}")
        work = self._work(code, inputs, outputs, options)
        for role, other in called:
            inputs += self._draw_called(code, other, inputs, (*inside, role))
        attributes = {name: text for name, (text, _) in options.items()} | self._notes_of(
            inputs, outputs
        )
        self.nodes.append(
            Node(
                operator=custom if code == _CUSTOM else operator_title(code),
                domain="custom" if code == _CUSTOM else "",
                inputs=inputs,
                outputs=outputs,
                path=_path(outputs[0]) if outputs else "",
                inside=inside,
                attributes=attributes,
                work=work,
            )
        )

    def _called(self, options: Mapping[str, tuple[str, object]]) -> Iterator[tuple[str, _Subgraph]]:
        """The subgraphs that an operator calls, with the role that each plays for it."""
        for name, (_, value) in options.items():
            match = _SUBGRAPH.match(name)
            if match and isinstance(value, int) and 0 <= value < len(self.subgraphs):
                yield match["role"] or "body", self.subgraphs[value]

    def _draw_called(
        self, code: str, called: _Subgraph, inputs: Sequence[str], inside: Path
    ) -> tuple[str, ...]:
        """Draw a subgraph where it is first called; its results flow into the caller."""
        if called.index not in self.drawn:
            if code in _FED_BY_CALLER:
                own = called.named(called.table.numbers("inputs"))
                fed = inputs[_FED_BY_CALLER[code] :]
                self.aliases |= {
                    name: outer for name, outer in zip(own, fed, strict=False) if outer and name
                }
            self._draw(called, inside)
        return self._resolved(called.named(called.table.numbers("outputs")))

    def _resolved(self, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.aliases.get(name, name) for name in names)

    def _options(self, operator: Table) -> dict[str, tuple[str, object]]:
        """The operator's settings as text, and as they are."""
        found: dict[str, tuple[str, object]] = {}
        for union, names in (
            ("builtinOptions", "BuiltinOptions"),
            ("builtinOptions2", "BuiltinOptions2"),
        ):
            kind = self.schema.name(names, operator.number(f"{union}Type"))
            table = operator.union(union, kind) if kind in self.schema.tables else None
            for name, about in table.present() if table else ():
                value = table.value(name) if table else None
                text = text_of(value, about.enumeration, self.schema)
                if text not in _NOT_SAID:
                    found[option_name(name)] = (text, value)
        _, custom = operator.span("customOptions")
        if custom:
            found["custom_options"] = (f"{custom:,} bytes", None)
        return found

    def _notes_of(self, inputs: Sequence[str], outputs: Sequence[str]) -> dict[str, str]:
        """Quantization and sparsity of what an operator takes and makes."""
        rows = [(f"input {number}", name) for number, name in enumerate(inputs)]
        rows += [(f"output {number}", name) for number, name in enumerate(outputs)]
        return {title: self.notes[name] for title, name in rows if self.notes.get(name)}

    def _work(
        self,
        code: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        options: Mapping[str, tuple[str, object]],
    ) -> cost.Work | None:
        stored = (place for place, name in enumerate(inputs) if name in self.constants)
        numbers = {name: (value,) for name, (_, value) in options.items() if isinstance(value, int)}
        work = cost.Work(
            operator=code,
            inputs=[self._sizes(name) for name in inputs],
            outputs=[self._sizes(name) for name in outputs],
            numbers=numbers,
            stored=frozenset(stored),
        )
        return work_of(code, work)

    def _sizes(self, name: str) -> cost.Shape:
        """A shape for batch 1."""
        tensor = self.tensors.get(name)
        if tensor is None or tensor.shape is None:
            return None
        sizes = [size if isinstance(size, int) else None for size in tensor.shape]
        return tuple(1 if size is None and not place else size for place, size in enumerate(sizes))


def read_tflite(data: "memoryview") -> TfliteModel:
    """Take apart the file's bytes; weights stay unread. Raises BrokenBuffer."""
    known = schema()
    model = Buffer(data, known.tables).root("Model")
    reader = _Reader(
        model=model,
        schema=known,
        buffers=model.tables("buffers"),
        codes=[_code(table, known) for table in model.tables("operatorCodes")],
    )
    return TfliteModel(
        parts=reader.parts(),
        version=model.number("version"),
        description=model.text("description"),
        metadata=metadata_of(model, reader.buffers),
        places=reader.places,
    )


def _code(table: Table, known: Schema) -> tuple[str, str]:
    """Old files have the operator in a byte, newer ones in a second, larger number."""
    number = max(table.number("deprecatedBuiltinCode"), table.number("builtinCode"))
    return known.name("BuiltinOperator", number), table.text("customCode") or "Custom"


def _path(tensor: str) -> str:
    """The first of the names that a fused operator's output has; a name without scopes is none."""
    first = tensor.partition(";")[0]
    return first if "/" in first else ""


def _unique(name: str, number: int, used: set[str]) -> str:
    wish = name or f"tensor {number}"
    free, again = wish, number
    while free in used:
        free, again = f"{wish}#{again}", again + 1
    used.add(free)
    return free


def _dtype(name: str) -> str:
    return name.replace("_", "") if name.startswith("float8") else name


def _is_sparse(tensor: Table) -> bool:
    return tensor.table("sparsity") is not None
