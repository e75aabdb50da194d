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
    images = [each for each in inputs if _sides(each) is not None]
    if len(images) != 1:
        return ()
    (image,) = images
    first = _sides(image)
    assert first is not None
    found = (_smaller(image, first, share) for share in _SIDES)
    return tuple({one.size: one for one in found if one.share < 1}.values())


def _smaller(image: Tensor, first: int, wanted: float) -> SmallerImage:
    shape = [size for size in image.shape or () if isinstance(size, int)]
    height, width = shape[first], shape[first + 1]
    step = _SMALL_STEP if min(height, width) < _SMALL else _STEP
    down, across = (max(step, round(side * wanted / step) * step) for side in (height, width))
    sizes: list[Dimension] = [*(image.shape or ())]
    sizes[first : first + 2] = [down, across]
    share = (down * across / (height * width)) ** 0.5
    return SmallerImage(share, f"{across}×{down}", _edit({image.name: tuple(sizes)}))


def _sides(tensor: Tensor) -> int | None:
    """Where the height of a picture stands, before its width; None for what is none."""
    shape = tensor.shape
    if shape is None or len(shape) != _IMAGE_RANK:
        return None
    for first, channels in ((2, shape[1]), (1, shape[3])):
        sides = shape[first : first + 2]
        known = isinstance(channels, int) and all(isinstance(side, int) for side in sides)
        if known and isinstance(channels, int) and channels <= _MOST_CHANNELS:
            return first
    return None


def _only_batch_is_free(shape: tuple[Dimension, ...]) -> bool:
    return len(shape) > 1 and all(isinstance(size, int) for size in shape[1:])


def _edit(shapes: Mapping[str, tuple[Dimension, ...]]) -> MakeEdit:
    named = {name: [*shape] for name, shape in shapes.items()}
    return MakeEdit(edit={"kind": "input-shapes", "shapes": named})
