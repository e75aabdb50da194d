"""Square turns of lines, made round."""

import math

Point = tuple[float, float]

RADIUS = 9.0
STEPS = 4


def rounded(route: list[Point]) -> list[Point]:
    """The route with a quarter of a circle wherever it turns between level and upright."""
    if len(route) < 3:
        return route
    found = route[:1]
    for before, corner, after in zip(route, route[1:], route[2:], strict=False):
        reach = min(RADIUS, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        square = (before[0] == corner[0]) != (corner[0] == after[0])
        square &= (before[1] == corner[1]) != (corner[1] == after[1])
        found += _arc(before, corner, after, reach) if square and reach > 0.5 else [corner]
    return found + route[-1:]


def _arc(before: Point, corner: Point, after: Point, reach: float) -> list[Point]:
    start, stop = _towards(corner, before, reach), _towards(corner, after, reach)
    arc: list[Point] = []
    for step in range(STEPS + 1):
        along = 1 - math.cos(math.pi / 2 * step / STEPS)
        aside = math.sin(math.pi / 2 * step / STEPS)
        x = start[0] + (corner[0] - start[0]) * aside + (stop[0] - corner[0]) * along
        y = start[1] + (corner[1] - start[1]) * aside + (stop[1] - corner[1]) * along
        arc.append((x, y))
    return arc


def _towards(here: Point, there: Point, reach: float) -> Point:
    share = reach / math.dist(here, there)
    return here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share
