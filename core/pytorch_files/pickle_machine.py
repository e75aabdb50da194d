"""The machine that goes through a pickle: a stack, marks in it, a memo, and names of what it wants.

Its operations are those of the standard library's pickletools; none imports or calls anything.
"""

import struct
from collections.abc import Sequence
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

_MOST_MEMO = 10_000_000
_LONGEST_NUMBER = 1024
"""Bytes; PyTorch's own numbers have ten."""


class _Mark:
    pass


_MARK = _Mark()


class Machine:
    """A stack, marks in it, and a memo."""

    def __init__(self, data: bytes | mmap, start: int) -> None:
        self._data = data
        self.place = start
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}
        self.globals: dict[Global, None] = {}

    # reading

    def next_code(self) -> int:
        code = self._data[self.place]
        self.place += 1
        return code

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

    def take_top(self) -> object:
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
        values = tuple(self.take_top() for _ in range(count))
        self._push(values[::-1])

    def tuple_to_mark(self) -> None:
        self._push(tuple(self._to_mark()))

    def list_to_mark(self) -> None:
        self._push(self._to_mark())

    def table_to_mark(self) -> None:
        self._push(Table(_pairs(self._to_mark())))

    def append(self) -> None:
        self._extend([self.take_top()])

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
        value = self.take_top()
        self._update([(self.take_top(), value)])

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
        name = self.take_top()
        self._name(self.take_top(), name)

    def call(self) -> None:
        arguments = as_tuple(self.take_top())
        if arguments is None:
            raise BadPickle(f"a call without arguments at byte {self.place:,}")
        self._push(Call(self.take_top(), arguments))

    def call_with_keywords(self) -> None:
        keywords, arguments = self.take_top(), as_tuple(self.take_top())
        self._push(Call(self.take_top(), (*(arguments or ()), keywords)))

    def build(self) -> None:
        state = self.take_top()
        target = self._stack[-1]
        if isinstance(target, Call):
            target.state = state

    def external(self) -> None:
        self._push(External(self.take_top()))

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
