"""Follows the small integers that shapes are computed from, as far as they are known.

An exporter writes “as long as the input, but 12 wide” as Shape, Gather and Concat before a Reshape.
A value is a row of sizes as shapes have them: a free one goes by its name.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod

from core.model.graph import Dimension

Value = tuple[Dimension, ...] | None
Numbers = Mapping[str, Sequence[int]]
"""A node's integer attributes."""
Shape = tuple[Dimension, ...] | None

_LONGEST = 64
_LARGEST = 1 << 40


def value_of(
    operator: str, numbers: Numbers, shapes: Sequence[Shape], taken: Sequence[Value]
) -> Value:
    """What a node makes of its inputs' shapes and values, or None."""
    follow = _FOLLOWED.get(operator)
    found = follow(numbers, shapes, taken) if follow is not None and shapes else None
    if found is None or len(found) > _LONGEST:
        return None
    return tuple(None if isinstance(one, int) and abs(one) > _LARGEST else one for one in found)


def reshaped(shape: Shape, value: Value, numbers: Numbers) -> Shape:
    """The shape that a Reshape gives where only some of the wanted sizes are known."""
    if value is None:
        return None
    copies = not next(iter(numbers.get("allowzero", ())), 0)
    sizes: list[Dimension] = []
    for place, one in enumerate(value):
        if one == 0 and copies:
            sizes.append(shape[place] if shape is not None and place < len(shape) else None)
        else:
            sizes.append(None if isinstance(one, int) and one < 0 else one)
    return _completed(sizes, shape) if None in sizes else tuple(sizes)


def _completed(sizes: list[Dimension], shape: Shape) -> Shape:
    """The one unknown size follows from all others, where these are numbers."""
    whole = [size for size in shape or (None,) if isinstance(size, int)]
    known = [size for size in sizes if isinstance(size, int)]
    if shape is not None and len(whole) == len(shape) and len(known) == len(sizes) - 1:
        part = prod(known)
        if part and prod(whole) % part == 0:
            sizes = [prod(whole) // part if not isinstance(size, int) else size for size in sizes]
    return tuple(sizes)


def _shape(numbers: Numbers, shapes: Sequence[Shape], taken: Sequence[Value]) -> Value:
    if (shape := shapes[0]) is None:
        return None
    start, end = (next(iter(numbers.get(name, ())), None) for name in ("start", "end"))
    return shape[start:end]


def _size(numbers: Numbers, shapes: Sequence[Shape], taken: Sequence[Value]) -> Value:
    sizes = [size for size in shapes[0] or (None,) if isinstance(size, int)]
    return (prod(sizes),) if shapes[0] is not None and len(sizes) == len(shapes[0]) else None


def _same(numbers: Numbers, shapes: Sequence[Shape], taken: Sequence[Value]) -> Value:
    return taken[0]


def _gather(numbers: Numbers, shapes: Sequence[Shape], taken: Sequence[Value]) -> Value:
    values, places = (*taken, None)[:2]
    if values is None or places is None or shapes[0] is None or len(shapes[0]) != 1:
        return None
    return tuple(
        values[place] if isinstance(place, int) and -len(values) <= place < len(values) else None
        for place in places
    )


def _concat(numbers: Numbers, shapes: Sequence[Shape], taken: Sequence[Value]) -> Value:
    lengths = [len(shape) if shape is not None else 0 for shape in shapes]
    if any(length != 1 for length in lengths):
        return None
    parts: list[Dimension] = []
    for value in taken:
        if value is None:
            return None
        parts += value
    return tuple(parts)


def _slice(numbers: Numbers, shapes: Sequence[Shape], taken: Sequence[Value]) -> Value:
    values, *rest = taken
    if values is None or shapes[0] is None or len(shapes[0]) != 1 or len(rest) < 2:
        return None
    start, end = rest[0], rest[1]
    step = rest[3] if len(rest) > 3 else (1,)
    ends = [one[0] if one and isinstance(one[0], int) else None for one in (start, end, step)]
    if None in ends or ends[2] == 0:
        return None
    return values[slice(*ends)]


def _both(compute: Callable[[int, int], int | None]) -> "_Follow":
    def follow(numbers: Numbers, shapes: Sequence[Shape], taken: Sequence[Value]) -> Value:
        one, two = (*taken, None)[:2]
        if one is None or two is None or not one or not two:
            return None
        length = max(len(one), len(two))
        if len(one) not in (1, length) or len(two) not in (1, length):
            return None
        pairs = zip(one * (length // len(one)), two * (length // len(two)), strict=True)
        return tuple(
            compute(a, b) if isinstance(a, int) and isinstance(b, int) else None for a, b in pairs
        )

    return follow


def _quotient(one: int, two: int) -> int | None:
    """Towards zero, as ONNX divides integers."""
    if two == 0:
        return None
    quotient = abs(one) // abs(two)
    return quotient if (one < 0) == (two < 0) else -quotient


_Follow = Callable[[Numbers, Sequence[Shape], Sequence[Value]], Value]

_FOLLOWED: Mapping[str, _Follow] = {
    "Shape": _shape,
    "Size": _size,
    "Gather": _gather,
    "Concat": _concat,
    "Slice": _slice,
    "Unsqueeze": _same,
    "Squeeze": _same,
    "Identity": _same,
    "Cast": _same,
    "Add": _both(lambda one, two: one + two),
    "Sub": _both(lambda one, two: one - two),
    "Mul": _both(lambda one, two: one * two),
    "Div": _both(_quotient),
    "Min": _both(min),
    "Max": _both(max),
}
