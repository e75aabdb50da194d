"""Pre-flight checks of inputs with free sizes: which sizes an engine has to be told."""

from collections.abc import Iterator, Sequence

from core.data.presets import DEFAULT_SIZES
from core.model.graph import Dimension, Tensor
from core.tensorrt.commands import is_tellable
from core.tensorrt.preflight_report import Fix, InputForm, PreflightFinding
from core.tensorrt.preflight_subject import Subject
from core.tensorrt.settings import ShapeRange

_BATCH = (1, 1, 8)
_SEQUENCE = (1, 128, 512)
_IMAGE_RANK = 4
_COLOUR = 3


def check_shapes(subject: Subject) -> Iterator[PreflightFinding]:
    """Free sizes without a range, and ranges that make no sense."""
    missing = [form for form in forms_of(subject) if form.given is None]
    if missing:
        names = ", ".join(f"“{form.name}”" for form in missing)
        batch = all(_is_fixed(form.shape[1:]) for form in missing)
        yield PreflightFinding(
            rule="shapes",
            severity="warns" if batch else "falsifies",
            title=f"The batch of {names} is free"
            if batch
            else f"Sizes are missing: {names} can take any",
            why="Without a range trtexec builds an engine for batch 1 alone."
            if batch
            else "Without them trtexec sets every free size to 1 and builds an engine for that.",
            remedy="Give the smallest, the best and the largest size, or fix them in the model.",
            fixes=_fixes(missing),
        )
    known = {tensor.name: tensor for tensor in subject.graph.inputs}
    for name, given in subject.shapes.items():
        yield from _wrong(known.get(name), name, given)


def forms_of(subject: Subject) -> tuple[InputForm, ...]:
    """One for each input with a free size."""
    return tuple(
        InputForm(
            name=tensor.name,
            shape=tensor.shape,
            suggested=_suggested(tensor.shape),
            given=subject.shapes.get(tensor.name),
        )
        for tensor in subject.graph.inputs
        if tensor.shape is not None and not _is_fixed(tensor.shape)
    )


def suggested_shapes(forms: Sequence[InputForm]) -> dict[str, ShapeRange]:
    """For each input what was given, else what is proposed."""
    return {form.name: form.given or form.suggested for form in forms}


def _is_fixed(shape: Sequence[Dimension]) -> bool:
    return all(isinstance(size, int) for size in shape)


def _suggested(shape: Sequence[Dimension]) -> ShapeRange:
    sizes = [
        (size, size, size) if isinstance(size, int) else _guess(shape, place)
        for place, size in enumerate(shape)
    ]
    smallest, best, largest = zip(*sizes, strict=True)
    return ShapeRange(smallest=smallest, best=best, largest=largest)


def _guess(shape: Sequence[Dimension], place: int) -> tuple[int, int, int]:
    if place == 0:
        return _BATCH
    if len(shape) == _IMAGE_RANK:
        side = DEFAULT_SIZES[_COLOUR]
        return side // 2, side, side * 2
    return _SEQUENCE


def _fixes(forms: Sequence[InputForm]) -> tuple[Fix, ...]:
    best = {form.name: form.suggested.best for form in forms}
    words = " and ".join(f"{name} at {'×'.join(map(str, sizes))}" for name, sizes in best.items())
    edit = {"kind": "input-shapes", "shapes": {name: list(sizes) for name, sizes in best.items()}}
    return (
        Fix(
            label=f"Fix {words}",
            effect="The engine takes this size only; it is the fastest, and the quickest to build.",
            edits=(edit,),
        ),
        Fix(
            label="Take the proposed ranges",
            effect="Kernels are chosen for the best size; all others up to the largest work too.",
            shapes={form.name: form.suggested for form in forms},
        ),
    )


def _wrong(tensor: Tensor | None, name: str, given: ShapeRange) -> Iterator[PreflightFinding]:
    """Everything that is wrong with one range."""
    if tensor is None or tensor.shape is None:
        yield _finding(f"The model has no input “{name}” with sizes", "It was given a range.")
        return
    triples = (given.smallest, given.best, given.largest)
    if any(len(sizes) != len(tensor.shape) for sizes in triples):
        yield _finding(
            f"The input “{name}” has {len(tensor.shape)} sizes",
            "The smallest, the best and the largest shape must each have as many.",
        )
        return
    for place, (low, best, high) in enumerate(zip(*triples, strict=True)):
        fixed = tensor.shape[place]
        if isinstance(fixed, int) and not low == best == high == fixed:
            yield _finding(
                f"Size {place + 1} of “{name}” is fixed at {fixed}",
                f"It was given as {low}, {best} and {high}.",
            )
        elif not 0 < low <= best <= high:
            yield _finding(
                f"Size {place + 1} of “{name}” makes no range: {low}, {best}, {high}",
                "The smallest must be above 0 and not above the best, the best not above the "
                "largest.",
            )
    if not is_tellable(name):
        yield _finding(
            f"trtexec cannot be told sizes of “{name}”",
            "The name holds a sign that trtexec takes for a separator: rename the tensor.",
        )


def _finding(title: str, why: str) -> PreflightFinding:
    return PreflightFinding(
        rule="shapes", severity="stops", title=title, why=why, remedy="Correct the sizes."
    )
