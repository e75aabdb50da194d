"""Solves small linear programmes with yes-or-no variables, by HiGHS through scipy."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportMissingTypeStubs=false, reportUnknownArgumentType=false, reportArgumentType=false
# scipy has no complete type hints.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SECONDS = 10.0
"""After which the best solution so far is taken."""
GAP = 1e-4
"""Relative distance from the proven optimum that is near enough."""

_NOTHING = 1e-9
"""Factors this small are left as they are: HiGHS lets a sum miss its bound by a millionth, so
others are scaled to 1 before."""


@dataclass
class IntegerProgramme:
    """Minimises cost over variables that are 0 or 1, or at least 0.

    HiGHS: Huangfu and Hall, Parallelizing the dual revised simplex method, 2018.
    """

    _costs: list[float] = field(default_factory=list[float])
    _whole: list[int] = field(default_factory=list[int])
    _rows: list[tuple[Mapping[int, float], float, float]] = field(
        default_factory=list[tuple[Mapping[int, float], float, float]]
    )

    def yes_or_no(self, cost: float) -> int:
        """A new variable that is 0 or 1; returns its index."""
        return self._variable(cost, 1)

    def amount(self, cost: float) -> int:
        """A new variable that is at least 0."""
        return self._variable(cost, 0)

    def _variable(self, cost: float, whole: int) -> int:
        self._costs.append(cost)
        self._whole.append(whole)
        return len(self._costs) - 1

    def require(
        self,
        terms: Mapping[int, float],
        *,
        at_least: float = -float("inf"),
        at_most: float = float("inf"),
    ) -> None:
        """Bound a sum of variables, each times its factor."""
        scale = max((abs(factor) for factor in terms.values()), default=0.0)
        if scale < _NOTHING:
            scale = 1.0
        scaled = {variable: factor / scale for variable, factor in terms.items()}
        self._rows.append((scaled, at_least / scale, at_most / scale))

    def solve(self) -> Sequence[float] | None:
        """The best values, or None where nothing satisfies all requirements."""
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        whole = np.asarray(self._whole)
        entries = [
            (row, column, factor)
            for row, (terms, _, _) in enumerate(self._rows)
            for column, factor in terms.items()
        ]
        rows, columns, factors = zip(*entries, strict=True)
        matrix = csr_array((factors, (rows, columns)), shape=(len(self._rows), len(whole)))
        low, high = zip(*((low, high) for _, low, high in self._rows), strict=True)
        found = milp(
            c=np.asarray(self._costs),
            integrality=whole,
            bounds=Bounds(0, np.where(whole, 1, np.inf)),
            constraints=LinearConstraint(matrix, np.asarray(low), np.asarray(high)),
            options={"time_limit": SECONDS, "mip_rel_gap": GAP},
        )
        return None if found.x is None else [float(value) for value in found.x]
