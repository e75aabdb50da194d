"""Reads pickles as data: a small machine that imports nothing, calls nothing and stays small.

Python's own unpickler imports and calls whatever a pickle names. This one keeps the names: a class,
what it would be called with, and the state it would get, as inert values. The operations are those
of protocols 2 to 5, which PyTorch writes; see the standard library's pickletools.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from mmap import mmap

from core.pytorch_files.pickle_machine import Machine
from core.pytorch_files.pickle_values import BadPickle, Global

MOST_STEPS = 50_000_000


@dataclass(frozen=True)
class Unpickled:
    value: object
    end: int
    """Where in the bytes the pickle ends."""
    globals: tuple[Global, ...]
    """Everything that it names, in order."""


def read_pickle(data: bytes | mmap, start: int = 0) -> Unpickled:
    """Read one pickle from `start`. Raises BadPickle."""
    machine = Machine(data, start)
    try:
        value = _run(machine)
    except (IndexError, struct.error, UnicodeDecodeError, ValueError, TypeError) as error:
        raise BadPickle(f"{type(error).__name__} at byte {machine.place:,}") from error
    return Unpickled(value, machine.place, tuple(machine.globals))


def _run(machine: Machine) -> object:
    for _ in range(MOST_STEPS):
        code = machine.next_code()
        if code == _STOP:
            return machine.take_top()
        step = _STEPS.get(code)
        if step is None:
            raise BadPickle(f"operation {code:#x} at byte {machine.place - 1:,}")
        step(machine)
    raise BadPickle("it has no end")


_U1, _U2, _U4, _U8 = (struct.Struct(f"<{code}") for code in "BHIQ")
_I4, _F8 = struct.Struct("<i"), struct.Struct(">d")
_STOP = ord(".")

_STEPS: Mapping[int, Callable[[Machine], None]] = {
    ord("("): Machine.mark,
    ord("0"): Machine.pop,
    ord("1"): Machine.pop_mark,
    ord("2"): Machine.duplicate,
    ord("}"): Machine.empty_table,
    ord("]"): Machine.empty_list,
    0x8F: Machine.empty_list,  # EMPTY_SET; sets and lists read the same
    ord(")"): lambda machine: machine.constant(()),
    ord("N"): lambda machine: machine.constant(None),
    0x88: lambda machine: machine.constant(True),
    0x89: lambda machine: machine.constant(False),
    ord("t"): Machine.tuple_to_mark,
    0x85: lambda machine: machine.tuple_of(1),
    0x86: lambda machine: machine.tuple_of(2),
    0x87: lambda machine: machine.tuple_of(3),
    ord("l"): Machine.list_to_mark,
    0x91: Machine.list_to_mark,  # FROZENSET
    ord("d"): Machine.table_to_mark,
    ord("a"): Machine.append,
    ord("e"): Machine.appends,
    0x90: Machine.appends,  # ADDITEMS
    ord("s"): Machine.set_item,
    ord("u"): Machine.set_items,
    ord("c"): Machine.global_lines,
    0x93: Machine.global_from_stack,
    ord("R"): Machine.call,
    0x81: Machine.call,  # NEWOBJ
    0x92: Machine.call_with_keywords,  # NEWOBJ_EX
    ord("b"): Machine.build,
    ord("Q"): Machine.external,
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
    0x94: Machine.memoize,
    ord("q"): lambda machine: machine.remember(_U1),
    ord("r"): lambda machine: machine.remember(_U4),
    ord("h"): lambda machine: machine.recall(_U1),
    ord("j"): lambda machine: machine.recall(_U4),
    0x80: lambda machine: machine.skip(_U1),  # PROTO
    0x95: lambda machine: machine.skip(_U8),  # FRAME
}
