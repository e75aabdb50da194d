"""Compares the stored constants that layers take."""

from collections.abc import Callable, Iterator
from math import isfinite, prod

from core.diff.conversions import Constant
from core.diff.differences import weight_words
from core.diff.outline import Outline, base_name
from core.diff.report import Change, Listed, WeightChange
from core.model.graph import Weight

_INDEX_TYPES = frozenset({"int32", "int64", "bool"})

Difference = Callable[[str, str], float | None]
"""‖a − b‖ ÷ ‖a‖ of two stored constants of one type and shape; None where not known."""


class WeightComparison:
    """Collects what differs, each pair of constants once."""

    def __init__(
        self, a: Outline, b: Outline, difference: Difference | None, *, alike_formats: bool
    ) -> None:
        self._a, self._b = a, b
        self._difference = difference
        self._alike_formats = alike_formats
        self._known: set[tuple[str, str]] = set()
        self.found: list[WeightChange] = []

    def changes(self, i: int, j: int) -> Iterator[Change]:
        """Of two layers that are paired: their constants by position."""
        ones, others = self._constants(self._a, i), self._constants(self._b, j)
        if not ones and not others:
            return
        if len(ones) != len(others):
            yield Change(what="weights", before=str(len(ones)), after=str(len(others)))
        for one, other in zip(ones, others, strict=False):
            before, after = self._words(one.main), self._words(other.main)
            relative = None
            if before == after and self._difference is not None:
                relative = self._difference(one.main.name, other.main.name)
            if before == after and not relative:
                continue
            if before.split()[1:] != after.split()[1:]:
                yield Change(what=f"weight {one.main.name}", before=before, after=after)
            elif relative:
                yield Change(
                    what=f"numbers of {one.main.name}", before="", after=_away_words(relative)
                )
            names = (one.main.name, other.main.name)
            if names not in self._known:
                self._known.add(names)
                self.found.append(
                    WeightChange(
                        a=names[0],
                        b=names[1],
                        layer=self._a.layers[i].id,
                        before=before,
                        after=after,
                        relative=relative if relative and isfinite(relative) else None,
                    )
                )

    def _constants(self, side: Outline, index: int) -> list[Constant]:
        """Between formats only those that were learnt: bounds and axes are attributes in some."""
        found = side.constants(index)
        if self._alike_formats:
            return found
        return [
            each for each in found if prod(each.main.shape) > 1 and each.dtype not in _INDEX_TYPES
        ]

    def _words(self, weight: Weight) -> str:
        """Formats arrange one weight differently: between them only the count of numbers tells."""
        if self._alike_formats:
            return weight_words(weight)
        return f"{weight.dtype} {prod(weight.shape):,} numbers"

    def lone_names(self) -> Listed:
        """Constants by base name, so that a weight in another number format is none of them."""
        if not self._alike_formats:
            return Listed()
        names_a, names_b = _own_weights(self._a), _own_weights(self._b)
        paired_a = {change.a for change in self.found}
        paired_b = {change.b for change in self.found}
        return Listed(
            removed=tuple(
                name
                for base, name in names_a.items()
                if base not in names_b and name not in paired_a
            ),
            added=tuple(
                name
                for base, name in names_b.items()
                if base not in names_a and name not in paired_b
            ),
        )


def _away_words(relative: float) -> str:
    return f"{relative:.2g} of its norm away" if isfinite(relative) else "others"


def _own_weights(side: Outline) -> dict[str, str]:
    """Constants by base name, without the scales and zero points that belong to others."""
    helpers: set[str | None] = set()
    for index, layer in enumerate(side.layers):
        if side.conversions[index]:
            helpers.update(layer.weights)
        for each in side.constants(index):
            helpers.add(each.zero_point)
            helpers.add(each.scale.name if each.scale else None)
    return {base_name(name): name for name in side.graph.weights if name not in helpers}
