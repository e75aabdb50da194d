"""Compares the stored constants that layers take."""

from collections.abc import Callable, Iterator
from math import isfinite

from core.diff.differences import weight_words
from core.diff.outline import Outline, base_name
from core.diff.report import Change, Listed, WeightChange

Difference = Callable[[str, str], float | None]
"""‖a − b‖ ÷ ‖a‖ of two stored constants of one type and shape; None where not known."""


class WeightComparison:
    """Collects what differs, each pair of constants once."""

    def __init__(self, a: Outline, b: Outline, difference: Difference | None) -> None:
        self._a, self._b = a, b
        self._difference = difference
        self._known: set[tuple[str, str]] = set()
        self.found: list[WeightChange] = []

    def changes(self, i: int, j: int) -> Iterator[Change]:
        """Of two layers that are paired: their constants by position."""
        ones, others = self._a.constants(i), self._b.constants(j)
        if not ones and not others:
            return
        if len(ones) != len(others):
            yield Change(what="weights", before=str(len(ones)), after=str(len(others)))
        for one, other in zip(ones, others, strict=False):
            before, after = weight_words(one.main), weight_words(other.main)
            relative = None
            if before == after and self._difference is not None:
                relative = self._difference(one.main.name, other.main.name)
            if before == after and not relative:
                continue
            if one.main.shape != other.main.shape:
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

    def lone_names(self) -> Listed:
        """Constants by base name, so that a weight in another number format is none of them."""
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
