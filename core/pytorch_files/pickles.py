"""Reads pickles as data: a small machine that imports nothing, calls nothing and stays small.

Python's own unpickler imports and calls whatever a pickle names. This one keeps the names: a class,
what it would be called with, and the state it would get, as inert values. The operations are those
of protocols 2 to 5, which PyTorch writes; see the standard library's pickletools.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from mmap import mmap

from core.pytorch_files.pickle_values import (
    BadPickle,
    Call,
    External,
    Global,
    Table,
    as_list,
    as_tuple,
)

MOST_STEPS = 50_000_000
_MOST_MEMO = 10_000_000
_LONGEST_NUMBER = 1024
"""Bytes; PyTorch's own numbers have ten."""


@dataclass(frozen=True)
class Unpickled:
    value: object
    end: int
    """Where in the bytes the pickle ends."""
    globals: tuple[Global, ...]
    """Everything that it names, in order."""


def read_pickle(data: bytes | mmap, start: int = 0) -> Unpickled:
    """Read one pickle from `start`. Raises BadPickle."""
    machine = _Machine(data, start)
    try:
        value = machine.run()
    except (IndexError, struct.error, UnicodeDecodeError, ValueError, TypeError) as error:
        raise BadPickle(f"{type(error).__name__} at byte {machine.place:,}") from error
    return Unpickled(value, machine.place, tuple(machine.globals))


class _Mark:
    pass


_MARK = _Mark()


class _Machine:
    """A stack, marks in it, and a memo."""

    def __init__(self, data: bytes | mmap, start: int) -> None:
        self._data = data
        self.place = start
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}
        self.globals: dict[Global, None] = {}

    def run(self) -> object:
        for _ in range(MOST_STEPS):
            code = self._data[self.place]
            self.place += 1
            if code == _STOP:
                return self._pop()
            step = _STEPS.get(code)
            if step is None:
                raise BadPickle(f"operation {code:#x} at byte {self.place - 1:,}")
            step(self)
        raise BadPickle("it has no end")

    # reading

    def _take(self, count: int) -> bytes:
        end = self.place + count
        if count < 0 or end > len(self._data):
            raise BadPickle(f"it ends before byte {end:,}")
        taken = self._data[self.place : end]
        self.place = end
        return taken

    def _number(self, layout: struct.Struct) -> int:
        return layout.unpack(self._take(layout.size))[0]

    def _line(self) -> str:
        end = self._data.find(b"\n", self.place)
        return self._take(end + 1 - self.place)[:-1].decode()

    # the stack

    def _push(self, value: object) -> None:
        self._stack.append(value)

    def _pop(self) -> object:
        value = self._stack.pop()
        if value is _MARK:
            raise BadPickle(f"a mark stands in the way at byte {self.place:,}")
        return value

    def _to_mark(self) -> list[object]:
        place = len(self._stack) - 1
        while self._stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise BadPickle(f"no mark before byte {self.place:,}")
        values = self._stack[place + 1 :]
        del self._stack[place:]
        return values

    def mark(self) -> None:
        self._push(_MARK)

    def pop(self) -> None:
        self._stack.pop()

    def pop_mark(self) -> None:
        self._to_mark()

    def duplicate(self) -> None:
        self._push(self._stack[-1])

    # the memo

    def _remember(self, index: int) -> None:
        if len(self._memo) >= _MOST_MEMO:
            raise BadPickle("it remembers too much")
        self._memo[index] = self._stack[-1]

    def _recall(self, index: int) -> None:
        if index not in self._memo:
            raise BadPickle(f"nothing was remembered as {index}")
        self._push(self._memo[index])

    def memoize(self) -> None:
        self._remember(len(self._memo))

    # containers

    def tuple_of(self, count: int) -> None:
        values = tuple(self._pop() for _ in range(count))
        self._push(values[::-1])

    def tuple_to_mark(self) -> None:
        self._push(tuple(self._to_mark()))

    def list_to_mark(self) -> None:
        self._push(self._to_mark())

    def table_to_mark(self) -> None:
        self._push(Table(_pairs(self._to_mark())))

    def append(self) -> None:
        self._extend([self._pop()])

    def appends(self) -> None:
        self._extend(self._to_mark())

    def _extend(self, values: list[object]) -> None:
        target = self._stack[-1]
        if (elements := as_list(target)) is not None:
            elements.extend(values)
        elif isinstance(target, Call):
            target.elements.extend(values)
        else:
            raise BadPickle(f"nothing to append to at byte {self.place:,}")

    def set_item(self) -> None:
        value = self._pop()
        self._update([(self._pop(), value)])

    def set_items(self) -> None:
        self._update(_pairs(self._to_mark()))

    def _update(self, items: list[tuple[object, object]]) -> None:
        target = self._stack[-1]
        if not isinstance(target, Table | Call):
            raise BadPickle(f"nothing to put items into at byte {self.place:,}")
        target.items.extend(items)

    # names and calls, none of which happens

    def _name(self, module: object, name: object) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise BadPickle(f"a name is no text at byte {self.place:,}")
        found = Global(module, name)
        self.globals[found] = None
        self._push(found)

    def global_lines(self) -> None:
        self._name(self._line(), self._line())

    def global_from_stack(self) -> None:
        name = self._pop()
        self._name(self._pop(), name)

    def call(self) -> None:
        arguments = as_tuple(self._pop())
        if arguments is None:
            raise BadPickle(f"a call without arguments at byte {self.place:,}")
        self._push(Call(self._pop(), arguments))

    def call_with_keywords(self) -> None:
        keywords, arguments = self._pop(), as_tuple(self._pop())
        self._push(Call(self._pop(), (*(arguments or ()), keywords)))

    def build(self) -> None:
        state = self._pop()
        target = self._stack[-1]
        if isinstance(target, Call):
            target.state = state

    def external(self) -> None:
        self._push(External(self._pop()))

    # values

    def constant(self, value: object) -> None:
        self._push(value)

    def empty_list(self) -> None:
        self._push([])

    def empty_table(self) -> None:
        self._push(Table([]))

    def number(self, layout: struct.Struct) -> None:
        self._push(self._number(layout))

    def long(self, layout: struct.Struct) -> None:
        size = self._number(layout)
        if size > _LONGEST_NUMBER:
            raise BadPickle(f"a number of {size:,} bytes")
        self._push(int.from_bytes(self._take(size), "little", signed=True))

    def text(self, layout: struct.Struct) -> None:
        self._push(self._take(self._number(layout)).decode("utf-8", "surrogatepass"))

    def bytes_(self, layout: struct.Struct) -> None:
        self._push(self._take(self._number(layout)))

    def old_text(self, layout: struct.Struct) -> None:
        self._push(self._take(self._number(layout)).decode("latin-1"))

    def remember(self, layout: struct.Struct) -> None:
        self._remember(self._number(layout))

    def recall(self, layout: struct.Struct) -> None:
        self._recall(self._number(layout))

    def skip(self, layout: struct.Struct) -> None:
        self._take(layout.size)


def _pairs(values: Sequence[object]) -> list[tuple[object, object]]:
    if len(values) % 2:
        raise BadPickle("a key without a value")
    return list(zip(values[::2], values[1::2], strict=True))


_U1, _U2, _U4, _U8 = (struct.Struct(f"<{code}") for code in "BHIQ")
_I4, _F8 = struct.Struct("<i"), struct.Struct(">d")
_STOP = ord(".")

_STEPS: Mapping[int, Callable[[_Machine], None]] = {
    ord("("): _Machine.mark,
    ord("0"): _Machine.pop,
    ord("1"): _Machine.pop_mark,
    ord("2"): _Machine.duplicate,
    ord("}"): _Machine.empty_table,
    ord("]"): _Machine.empty_list,
    0x8F: _Machine.empty_list,  # EMPTY_SET; sets and lists read the same
    ord(")"): lambda machine: machine.constant(()),
    ord("N"): lambda machine: machine.constant(None),
    0x88: lambda machine: machine.constant(True),
    0x89: lambda machine: machine.constant(False),
    ord("t"): _Machine.tuple_to_mark,
    0x85: lambda machine: machine.tuple_of(1),
    0x86: lambda machine: machine.tuple_of(2),
    0x87: lambda machine: machine.tuple_of(3),
    ord("l"): _Machine.list_to_mark,
    0x91: _Machine.list_to_mark,  # FROZENSET
    ord("d"): _Machine.table_to_mark,
    ord("a"): _Machine.append,
    ord("e"): _Machine.appends,
    0x90: _Machine.appends,  # ADDITEMS
    ord("s"): _Machine.set_item,
    ord("u"): _Machine.set_items,
    ord("c"): _Machine.global_lines,
    0x93: _Machine.global_from_stack,
    ord("R"): _Machine.call,
    0x81: _Machine.call,  # NEWOBJ
    0x92: _Machine.call_with_keywords,  # NEWOBJ_EX
    ord("b"): _Machine.build,
    ord("Q"): _Machine.external,
    ord("K"): lambda machine: machine.number(_U1),
    ord("M"): lambda machine: machine.number(_U2),
    ord("J"): lambda machine: machine.number(_I4),
    ord("G"): lambda machine: machine.number(_F8),
    0x8A: lambda machine: machine.long(_U1),
    0x8B: lambda machine: machine.long(_U4),
    0x8C: lambda machine: machine.text(_U1),
    ord("X"): lambda machine: machine.text(_U4),
    0x8D: lambda machine: machine.text(_U8),
    ord("U"): lambda machine: machine.old_text(_U1),
    ord("T"): lambda machine: machine.old_text(_U4),
    ord("C"): lambda machine: machine.bytes_(_U1),
    ord("B"): lambda machine: machine.bytes_(_U4),
    0x8E: lambda machine: machine.bytes_(_U8),
    0x96: lambda machine: machine.bytes_(_U8),  # BYTEARRAY8
    0x94: _Machine.memoize,
    ord("q"): lambda machine: machine.remember(_U1),
    ord("r"): lambda machine: machine.remember(_U4),
    ord("h"): lambda machine: machine.recall(_U1),
    ord("j"): lambda machine: machine.recall(_U4),
    0x80: lambda machine: machine.skip(_U1),  # PROTO
    0x95: lambda machine: machine.skip(_U8),  # FRAME
}
