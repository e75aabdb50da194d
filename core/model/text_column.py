"""Columns of texts that are searched all at once, in milliseconds for 100,000 layers."""

from collections.abc import Callable, Sequence
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.model.query import fold

Flags: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]

LONGEST = 400
"""Texts from hostile files may be of any length; nobody looks for what comes after this."""
MANY_PLACES = 20_000
"""From so many on, one pass over all bytes is quicker than a search for each."""


class TextColumn:
    """Texts that are mostly different, such as names, folded and joined into one array of bytes."""

    def __init__(self, texts: Sequence[str]) -> None:
        folded = [fold(text[:LONGEST]).encode(errors="replace") for text in texts]
        self._bytes = np.frombuffer(b"\n".join([*folded, b""]), np.uint8)
        self._lengths = np.fromiter((len(text) for text in folded), np.int64, len(folded))
        self._ends = np.cumsum(self._lengths + 1)
        self._frequency = np.bincount(self._bytes, minlength=256)

    def __len__(self) -> int:
        return len(self._ends)

    def holding(self, wanted: str) -> Flags:
        """Which texts hold `wanted`, which is folded already.

        Starts from the byte that is rarest in all texts, so that few places remain at once.
        """
        needle = np.frombuffer(wanted.encode(errors="replace"), np.uint8)
        if not len(needle) or len(needle) > len(self._bytes):
            return np.zeros(len(self), bool)
        order = np.argsort(self._frequency[needle], kind="stable").tolist()
        if len(needle) == 1:
            return np.logical_or.reduceat(self._bytes == needle[0], self._starts)
        places = np.flatnonzero(self._bytes == needle[order[0]]) - order[0]
        places = places[(places >= 0) & (places <= len(self._bytes) - len(needle))]
        for offset in order[1:]:
            places = places[self._bytes[places + offset] == needle[offset]]
        return self._texts_at(places)

    def equal(self, wanted: str) -> Flags:
        """Which texts are exactly `wanted`, which is folded already."""
        return self.holding(wanted) & (self._lengths == len(wanted.encode(errors="replace")))

    @property
    def _starts(self) -> Ints:
        return self._ends - self._lengths - 1

    def _texts_at(self, places: Ints) -> Flags:
        if len(places) > MANY_PLACES:
            hit = np.zeros(len(self._bytes), bool)
            hit[places] = True
            return np.logical_or.reduceat(hit, self._starts)
        found = np.zeros(len(self), bool)
        found[np.searchsorted(self._ends, places, side="right")] = True
        return found


class CodedColumn:
    """Texts of which many are the same, such as operators: each different one is looked at once."""

    def __init__(self, texts: Sequence[str], codes: Ints | None = None) -> None:
        """With `codes`, `texts` are the different ones and `codes` say which each layer has."""
        if codes is None:
            numbers: dict[str, int] = {}
            codes = np.fromiter(
                (numbers.setdefault(text, len(numbers)) for text in texts), np.int64, len(texts)
            )
            texts = list(numbers)
        self.texts = tuple(texts)
        self.codes = codes
        self._column = TextColumn(self.texts)

    @classmethod
    def numbered(cls, text_of: Callable[[int], str], numbers: Ints) -> Self:
        """Of each layer's number the text; each different number is asked for once."""
        different, codes = np.unique(numbers, return_inverse=True)
        return cls([text_of(number) for number in different.tolist()], codes)

    def where(self, fits: Callable[[str], bool]) -> Flags:
        """The layers whose folded text fits. Slow where many texts are different."""
        return self._of_layers(
            np.fromiter((fits(fold(text)) for text in self.texts), bool, len(self.texts))
        )

    def holding(self, wanted: str) -> Flags:
        return self._of_layers(self._column.holding(wanted))

    def equal_or_holding(self, wanted: str) -> Flags:
        """Those that are `wanted`; where none is, those that hold it, as while it is typed."""
        equal = self._of_layers(self._column.equal(wanted))
        return equal if equal.any() else self.holding(wanted)

    def counts(self, chosen: Flags, most: int) -> list[tuple[str, int]]:
        """How often each text occurs among the chosen layers, the `most` frequent first."""
        counts = np.bincount(self.codes[chosen], minlength=len(self.texts))
        order = np.argsort(-counts, kind="stable")[:most]
        return [(self.texts[code], int(counts[code])) for code in order.tolist() if counts[code]]

    def _of_layers(self, of_text: Flags) -> Flags:
        return of_text[self.codes] if len(of_text) else np.zeros(len(self.codes), bool)


class LinkedColumn:
    """Texts that layers share, such as the names of tensors: each is stored and searched once."""

    def __init__(self, texts: Sequence[str], layers: Ints, links: Ints, count: int) -> None:
        """`layers[i]` has the text with the number `links[i]`; there are `count` layers."""
        self._column = TextColumn(texts)
        self._layers = layers
        self._links = links
        self._count = count

    def holding(self, wanted: str) -> Flags:
        found = np.zeros(self._count, bool)
        found[self._layers[self._column.holding(wanted)[self._links]]] = True
        return found
