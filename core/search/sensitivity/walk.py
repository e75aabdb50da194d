"""Runs the original and its treated copies over some inputs, sharing whatever they share.

The original runs once. A copy begins at its layer's cell with what the original has computed up to
there; at the next leg's beginning it joins the other copies, and all go on together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.search.sensitivity.batching import stacked
from core.search.sensitivity.kit import Kit, Treated, cells_file, part_file
from core.search.sensitivity.numbers import Numbers, Original, joined
from core.search.sensitivity.part_session import Lot, PartSession, carried
from core.search.sensitivity.parts import BOUNDARY
from core.search.sensitivity.route import Leg

if TYPE_CHECKING:
    import numpy as np

LOT_BYTES = 4 << 20
"""Copies go through a leg together while what enters it is smaller than this; more would not stay
in the processor's cache."""
LARGEST_LOT = 256
"""Rows that go through a leg together at most."""
HELD_BYTES = 1 << 30
"""What the original's tensors may take while its copies begin there; what all copies' tensors may
take between two legs; and what sessions may keep. What does not fit goes one after the other."""
_WORKING = 4
"""A session computes in about so many times the memory of what goes in and comes out."""


@dataclass
class Walk:
    """A kit whose sessions are made when they are needed and then kept."""

    kit: Kit
    read: Callable[[str], bytes]
    """Content of one of the kit's files."""
    _sessions: dict[str, PartSession] = field(default_factory=dict[str, PartSession])
    _kept_bytes: int = 0
    """What the sessions keep between two runs, as far as it can be told."""

    def numbers(
        self, feeds: Sequence[Lot], labels: "np.ndarray | None", chosen: Iterable[int]
    ) -> dict[int, Numbers]:
        """Compare chosen copies, by their index in the kit, with the original; `feeds` are inputs
        with a batch of 1."""
        found: dict[int, list[Numbers]] = {index: [] for index in chosen}
        copies = [index for index in found if self.kit.treated[index].file]
        together = self._rows(len(feeds))
        for first in range(0, len(feeds), together):
            own = feeds[first : first + together]
            truth = None if labels is None else labels[first : first + together]
            size = self._copies(len(own))
            for start in range(0, max(1, len(copies)), size):
                expected, answers = self._answers(stacked(own), copies[start : start + size])
                original = Original(expected, self.kit.outputs, self.kit.form, len(own), truth)
                for index, answer in answers.items():
                    found[index].append(original.numbers(answer))
                if start == 0:
                    for index in found.keys() - set(copies):
                        found[index].append(original.numbers(expected))
        return {index: joined(parts) for index, parts in found.items()}

    def _rows(self, inputs: int) -> int:
        """How many inputs go together."""
        fitting = HELD_BYTES // max(1, self.kit.original_bytes)
        return max(1, min(inputs, fitting)) if self.kit.several else 1

    def _copies(self, rows: int) -> int:
        """How many copies go together; while they go through a leg, both its ends are held."""
        return max(1, HELD_BYTES // max(1, 2 * rows * self.kit.copy_bytes))

    def _answers(self, lot: Lot, copies: Sequence[int]) -> tuple[Lot, Mapping[int, Lot]]:
        """The outputs of the original and of each copy."""
        states: dict[int, Lot] = {}
        for leg in self.kit.legs:
            made = self._session(cells_file(leg)).run(lot)
            joined = self._through(leg, states)
            for index in copies:
                treated = self.kit.treated[index]
                if leg.start <= treated.start < leg.end:
                    joined[index] = self._branch(treated, leg, {**lot, **made})
            states = joined
            lot = carried(lot, made, self.kit.live[leg.end])
        return lot, states

    def _branch(self, treated: Treated, leg: Leg, original: Lot) -> Lot:
        """Run one treated cell, and the original's cells after it up to the leg's end."""
        ends = {*self.kit.live[treated.start], *self.kit.live[treated.end]}
        size = sum(original[name].nbytes for name in ends)
        made = self._session(treated.file, size).run(original)
        changed = {name.removesuffix(BOUNDARY): value for name, value in made.items()}
        state = carried(original, changed, self.kit.live[treated.end])
        if treated.end == leg.end:
            return state
        rest = self._session(part_file(treated.end, leg.end)).run(state)
        return carried(state, rest, self.kit.live[leg.end])

    def _through(self, leg: Leg, states: Mapping[int, Lot]) -> dict[int, Lot]:
        """Bring copies from a leg's beginning to its end, several at once where it is possible."""
        session = self._session(part_file(leg.start, leg.end))
        names = self.kit.live[leg.end]
        if not self.kit.several:
            return {i: carried(lot, session.run(lot), names) for i, lot in states.items()}
        found: dict[int, Lot] = {}
        for group in _groups(states, session.inputs):
            made = session.run(stacked([{n: lot[n] for n in session.inputs} for _, lot in group]))
            start = 0
            for index, lot in group:
                end = start + _rows(lot)
                own = {name: values[start:end] for name, values in made.items()}
                found[index] = carried(lot, own, names)
                start = end
        return found

    def _session(self, file: str, size: int = 0) -> PartSession:
        """`size` is what goes in and comes out, of one of the many sessions of treated cells."""
        if file not in self._sessions:
            self._kept_bytes += _WORKING * size
            keeps = self._kept_bytes <= HELD_BYTES
            self._sessions[file] = PartSession(self.read(file), keeps_memory=keeps)
        return self._sessions[file]


def _groups(states: Mapping[int, Lot], names: Sequence[str]) -> Iterable[list[tuple[int, Lot]]]:
    """Copies that go together."""
    group: list[tuple[int, Lot]] = []
    size = rows = 0
    for index, lot in states.items():
        size += sum(lot[name].nbytes for name in names)
        rows += _rows(lot)
        if group and (size > LOT_BYTES or rows > LARGEST_LOT):
            yield group
            group = []
            size, rows = sum(lot[name].nbytes for name in names), _rows(lot)
        group.append((index, lot))
    if group:
        yield group


def _rows(lot: Lot) -> int:
    return len(next(iter(lot.values())))
