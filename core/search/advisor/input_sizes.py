"""The sizes of a model's inputs: fixing free ones, and making the image smaller."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.model.graph import Dimension, Tensor
from core.search.advisor.advice import Action, AskSizes, MakeEdit

_IMAGE_RANK = 4
_MOST_CHANNELS = 4
"""More than colours and one besides are no picture."""
_SIDES = (7 / 8, 3 / 4, 5 / 8, 1 / 2, 3 / 8, 1 / 4)
"""Shares of a side that are tried."""
_STEP, _SMALL_STEP, _SMALL = 32, 8, 128
"""Sides are multiples of these, for models halve them several times."""


class SmallerImage(NamedTuple):
    """An input with a smaller picture."""

    share: float
    """Of each side, as it comes out."""
    size: str
    """“480×480”, width before height."""
    edit: MakeEdit


def fixed_sizes(free: Sequence[Tensor]) -> Action | None:
    """What fixes these inputs: a free batch becomes 1, other sizes only a person knows."""
    if not free:
        return None
    if all(each.shape and _only_batch_is_free(each.shape) for each in free):
        return _edit({each.name: (1, *(each.shape or ())[1:]) for each in free})
    return AskSizes()


def smaller_images(inputs: Sequence[Tensor]) -> tuple[SmallerImage, ...]:
    """Pictures of the only image input in smaller sizes, the largest first; none without one."""
    images = [(each, sides) for each in inputs if (sides := _sides(each)) is not None]
    if len(images) != 1:
        return ()
    ((image, sides),) = images
    found = (_smaller(image, sides, share) for share in _SIDES)
    return tuple({one.size: one for one in found if one.share < 1}.values())


def _smaller(image: Tensor, sides: "_Sides", wanted: float) -> SmallerImage:
    step = _SMALL_STEP if min(sides.height, sides.width) < _SMALL else _STEP
    down, across = (
        max(step, round(side * wanted / step) * step) for side in (sides.height, sides.width)
    )
    sizes: list[Dimension] = [*(image.shape or ())]
    sizes[sides.first : sides.first + 2] = [down, across]
    share = (down * across / (sides.height * sides.width)) ** 0.5
    return SmallerImage(share, f"{across}×{down}", _edit({image.name: tuple(sizes)}))


class _Sides(NamedTuple):
    """Of a picture, and where its height stands in the shape, before its width."""

    first: int
    height: int
    width: int


def _sides(tensor: Tensor) -> _Sides | None:
    """None for what is no picture, or one of free sizes."""
    shape = tensor.shape
    if shape is None or len(shape) != _IMAGE_RANK:
        return None
    for first, channels in ((2, shape[1]), (1, shape[3])):
        height, width = shape[first : first + 2]
        if isinstance(channels, int) and channels <= _MOST_CHANNELS:
            if isinstance(height, int) and isinstance(width, int):
                return _Sides(first, height, width)
            return None
    return None


def _only_batch_is_free(shape: tuple[Dimension, ...]) -> bool:
    return len(shape) > 1 and all(isinstance(size, int) for size in shape[1:])


def _edit(shapes: Mapping[str, tuple[Dimension, ...]]) -> MakeEdit:
    named = {name: [*shape] for name, shape in shapes.items()}
    return MakeEdit(edit={"kind": "input-shapes", "shapes": named})
