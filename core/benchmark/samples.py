"""Every single time that was taken, in the order and grouping in which it was taken."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from statistics import median
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from core.benchmark.conditions import IN_WORDS, Conditions, Disturbance, disturbances


class TimedBlock(BaseModel):
    """Inferences of one contender, one right after the other."""

    model_config = ConfigDict(frozen=True)

    contender: str
    process: int
    """Counts the fresh starts of all contenders; blocks of one process are alike."""
    round: int
    """Counts within the process; each contender has one block in a round, and blocks of one
    round are compared in pairs."""
    samples_ms: tuple[float, ...]
    rate: float | None = None
    """Inferences a second while all streams were busy; None in older files."""
    watts: float | None = None
    """Mean power while it ran; None where it was not measured."""
    conditions: Conditions = Conditions()
    disturbed: bool = False
    """The round is void: conditions were not what the protocol asks for."""
    disturbances: tuple[Disturbance, ...] = ()
    """Why it is void; empty in older files."""

    @property
    def turn(self) -> tuple[int, int]:
        """Process and round: what the blocks that are compared have in common."""
        return self.process, self.round

    @cached_property
    def median_ms(self) -> float:
        return median(self.samples_ms)


class Samples(BaseModel):
    """The raw material of a benchmark."""

    model_config = ConfigDict(frozen=True)

    blocks: tuple[TimedBlock, ...]
    failures: dict[str, str] = Field(default_factory=dict)
    """Contenders that could not be measured: id to the reason, as sentences."""

    @classmethod
    def judged(cls, blocks: Sequence[TimedBlock], failures: dict[str, str]) -> Self:
        """Of blocks whose conditions have not been judged yet."""
        found = disturbances(blocks)
        marked = (
            block.model_copy(
                update={
                    "disturbed": block.turn in found,
                    "disturbances": found.get(block.turn, ()),
                }
            )
            for block in blocks
        )
        return cls(blocks=tuple(marked), failures=failures)

    def of(self, contender: str) -> tuple[TimedBlock, ...]:
        """A contender's blocks that figures are made from, in the order of their rounds.

        Those of undisturbed rounds where these are at least half of all rounds; otherwise all,
        because nothing better is to be had: then nothing can be said about differences.
        """
        return tuple(block for block in self._used if block.contender == contender)

    @property
    def rounds(self) -> int:
        return len(_turns(self.blocks))

    @property
    def rounds_left_out(self) -> int:
        """Rounds that figures are not made from."""
        return self.rounds - len(_turns(self._used))

    @property
    def disturbed(self) -> bool:
        """Whether figures had to be made from disturbed rounds."""
        return any(block.disturbed for block in self._used)

    @cached_property
    def rounds_disturbed(self) -> int:
        return len(_turns(tuple(block for block in self.blocks if block.disturbed)))

    @property
    def disturbance(self) -> str:
        """What disturbed most rounds, in words: “the machine was busy”. Empty for none."""
        reasons = {block.turn: block.disturbances for block in self.blocks if block.disturbed}
        counts = Counter[Disturbance]()
        for found in reasons.values():
            counts.update(found or ("load",))
        return IN_WORDS[counts.most_common(1)[0][0]] if counts else ""

    @cached_property
    def _used(self) -> tuple[TimedBlock, ...]:
        disturbed = {block.turn for block in self.blocks if block.disturbed}
        quiet = tuple(block for block in self.blocks if block.turn not in disturbed)
        enough = len(_turns(quiet)) * 2 >= len(_turns(self.blocks))
        return quiet if enough else self.blocks


def _turns(blocks: Sequence[TimedBlock]) -> set[tuple[int, int]]:
    return {block.turn for block in blocks}
