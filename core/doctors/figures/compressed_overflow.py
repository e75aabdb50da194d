"""The first tensor of a compressed model that is not finite, or that INT8 cuts off."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from core.doctors.base import Finding
from core.doctors.figures.clipping import HeldRange, held_ranges
from core.doctors.figures.origins import Origins
from core.doctors.figures.seen import Seen, range_words, remedies
from core.doctors.figures.tensor_walk import walk
from core.errors import UserError

MUCH_CLIPPED = 0.05
"""Share of an activation's values beyond its range from which on INT8 overflows there."""


def compressed_findings(seen: Seen) -> Iterator[Finding]:
    """Watch the compressed model, made anew where no file of it was given."""
    trial, progress = seen.trial, seen.patient.context.progress
    try:
        file = _compressed(seen)
        origins = Origins(file, seen.patient.setting.graph)
        found = walk(file, origins.tensors, trial.feeds, trial.count, progress)
        held = held_ranges(file, trial.feeds, trial.count, progress)
    except UserError as error:
        seen.notes.append(f"The compressed model was not watched. {error.what} {error.why}")
        return
    for name, figures in found.figures.items():
        if figures.not_finite:
            layer = origins.layer_of(name)
            at_fault = (layer,) if layer and seen.plan.choice(layer) else ()
            yield Finding(
                title=f"“{layer or name}” gives NaN or infinite numbers when compressed",
                layer=layer,
                tensor=name,
                facts=(range_words(name, figures),),
                remedies=tuple(remedies(seen, at_fault)),
            )
            break
    yield from _clipped(seen, origins, held)


def _compressed(seen: Seen) -> Path:
    """A working copy of the compressed model, in the job's scratch folder."""
    from core.formats import check_runnable_onnx
    from core.model.identity import stamp

    given = seen.patient.request.compressed
    if given is None:
        return seen.trial.made(seen.plan)
    check_runnable_onnx(given)
    copy = seen.patient.context.scratch / "given-compressed.onnx"
    stamp(given, copy)
    return copy


def _clipped(seen: Seen, origins: Origins, held: Mapping[str, HeldRange]) -> Iterator[Finding]:
    """The first activation of which INT8 cuts off much."""
    for name, one in held.items():
        if one.clipped_share > MUCH_CLIPPED:
            layer = origins.layer_of(name)
            yield Finding(
                title=f"INT8 overflows at “{layer or name}”",
                layer=layer,
                tensor=name,
                facts=(
                    f"INT8 holds {one.low:.4g} to {one.high:.4g} of {name}; the values go from "
                    f"{one.seen_low:.4g} to {one.seen_high:.4g}, and {100 * one.clipped_share:.1f} "
                    "% of them are cut off.",
                ),
                remedies=tuple(remedies(seen, seen.around((name,)))),
            )
            return
