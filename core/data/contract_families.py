"""The contracts that are worth trying, in stages: numbers, then geometry, then interpolation."""

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from core.data.contract import Interpolation, PreprocessingContract
from core.data.presets import SMALL, presets

CROPS = (1.0, 0.965, 0.95, 0.9, 0.875, 0.8)
"""Shares of the short side that are kept; timm's and torchvision's models use these."""
FILLS = (114, 0)
"""Borders of letterboxes: YOLO's grey, and black."""
SEARCHED = "searched"
"""Name of a contract that no preset describes."""


def with_other_numbers(base: PreprocessingContract) -> list[PreprocessingContract]:
    """Every family of scale, mean and standard deviation in every order of colours.

    The geometry stays. A mean and a deviation stay with their colours when the order is turned.
    """
    found = [base]
    for preset in presets():
        if preset.channels != base.channels:
            continue
        own = "grey" if preset.channels == 1 else preset.colour
        numbers = {"scale": preset.scale, "mean": preset.mean, "std": preset.std, "colour": own}
        found.append(_changed(base, numbers))
    return list(distinct([*found, *(_turned(one) for one in found if one.channels == 3)]))


def with_other_geometry(base: PreprocessingContract) -> list[PreprocessingContract]:
    """Every rule to resize and every margin of the crop; the numbers stay."""
    found = [base, _changed(base, {"resize": "stretch", "resize_to": None})]
    short = min(base.width, base.height)
    for crop in CROPS if short > SMALL else CROPS[:1]:
        margin = None if crop == 1 else round(short / crop)
        found.append(_changed(base, {"resize": "short-side", "resize_to": margin}))
    for rule in ("letterbox", "corner"):
        for fill in FILLS:
            found.append(_changed(base, {"resize": rule, "resize_to": None, "fill": fill}))
    return list(distinct(found))


def with_other_interpolation(base: PreprocessingContract) -> list[PreprocessingContract]:
    """Every interpolation; all else stays."""
    return list(
        distinct([base, *(_changed(base, {"interpolation": i}) for i in get_args(Interpolation))])
    )


def _turned(contract: PreprocessingContract) -> PreprocessingContract:
    """The same numbers for the same colours, which arrive in the other order."""
    colour = "BGR" if contract.colour == "RGB" else "RGB"
    numbers = {"mean": contract.mean[::-1], "std": contract.std[::-1]}
    return _changed(contract, {"colour": colour, **numbers})


def _changed(
    contract: PreprocessingContract, changes: Mapping[str, object]
) -> PreprocessingContract:
    """The contract with other values, under a preset's name only where it still is that preset."""
    made = contract.model_copy(update=changes)
    if essence_of(made) == essence_of(contract):
        return contract
    return made.model_copy(update={"name": SEARCHED})


def distinct(contracts: Sequence[PreprocessingContract]) -> Iterator[PreprocessingContract]:
    """Those that do different things; the first of those that do the same."""
    seen: set[PreprocessingContract] = set()
    for contract in contracts:
        if (essence := essence_of(contract)) not in seen:
            seen.add(essence)
            yield contract


def essence_of(contract: PreprocessingContract) -> PreprocessingContract:
    """Without what makes no difference: contracts that do the same have the same essence."""
    framed = contract.resize in ("letterbox", "corner")
    short = min(contract.width, contract.height)
    margin = None if contract.resize_to == short else contract.resize_to
    return contract.model_copy(
        update={
            "name": "",
            "resize_to": margin if contract.resize == "short-side" else None,
            "fill": contract.fill if framed else 0,
            "scale": 1.0,
            "mean": _in_pixels(contract.mean, contract),
            "std": _in_pixels(contract.std, contract),
        }
    )


def _in_pixels(values: tuple[float, ...], contract: PreprocessingContract) -> tuple[float, ...]:
    """One number for each channel, on the scale of 0 to 255."""
    each = values * contract.channels if len(values) == 1 else values
    return tuple(round(value / contract.scale, 3) for value in each)
