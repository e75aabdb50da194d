"""What both models are given when their tensors are compared: images, a file, or random numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core.data.contract import PreprocessingContract
from core.data.decode import Progress
from core.errors import InputError
from core.runtimes.base import Port

if TYPE_CHECKING:
    import numpy as np

RANDOM_SAMPLES = 2


@dataclass(frozen=True)
class Inputs:
    """The same inputs for both models, one sample after the other."""

    words: str
    """“8 images of imagenet, prepared as …”."""
    made_up: bool
    count: int
    arrays: "Sequence[Mapping[str, np.ndarray]]"
    """By A's input name; rows of files that are mapped, not loaded."""

    def feeds(
        self, ports: Sequence[Port], names: Sequence[str]
    ) -> "Iterator[dict[str, np.ndarray]]":
        """Each sample in the element types of `ports`; `names` are A's names of these ports."""
        import numpy as np

        for sample in self.arrays:
            yield {
                port.name: np.ascontiguousarray(sample[name], dtype=port.dtype)
                for port, name in zip(ports, names, strict=True)
            }


def random_inputs(ports: Sequence[Port]) -> Inputs:
    """Noise, the same at every call; free sizes are 1."""
    from core.runtimes.feeds import made_up_feeds, sentences_about_feeds

    first = made_up_feeds(ports)
    second = {
        name: -values if values.dtype.kind == "f" else values for name, values in first.items()
    }
    remarks = sentences_about_feeds(ports)
    words = " ".join([f"{RANDOM_SAMPLES} random inputs, because none were given.", *remarks])
    return Inputs(words.rstrip("."), True, RANDOM_SAMPLES, (first, second))


def inputs_from_file(path: Path, ports: Sequence[Port], most: int) -> Inputs:
    """The first `most` samples of a .npy for the only input, or a .npz by input name.

    A first axis longer than the model's batch of 1 holds one sample each. Raises InputError.
    """
    arrays = _arrays(path, ports)
    split = {port.name: _samples(arrays[port.name], port, path) for port in ports}
    count = min(most, *(len(samples) for samples in split.values()))
    rows = tuple(
        {name: samples[index] for name, samples in split.items()} for index in range(count)
    )
    words = f"{count} input{'' if count == 1 else 's'} from {path.name}"
    return Inputs(words, False, count, rows)


def _arrays(path: Path, ports: Sequence[Port]) -> "Mapping[str, np.ndarray]":
    import numpy as np

    try:
        with path.open("rb") as file:
            found = cast("object", np.load(file, allow_pickle=False))
            if isinstance(found, np.lib.npyio.NpzFile):
                arrays = {name: cast("np.ndarray", found[name]) for name in found.files}
            elif len(ports) == 1:
                arrays = {ports[0].name: cast("np.ndarray", found)}
            else:
                arrays = dict[str, np.ndarray]()
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"“{path.name}” cannot be read as inputs.",
            f"{error}.",
            "Save it in Python with numpy.save, or numpy.savez with one array per input name.",
        ) from error
    missing = [port.name for port in ports if port.name not in arrays]
    if missing:
        raise InputError(
            f"“{path.name}” does not hold all inputs of the model.",
            f"Missing are: {', '.join(missing)}. It holds: {', '.join(arrays) or 'one array'}.",
            "Save one array per input name with numpy.savez.",
        )
    return arrays


def _samples(array: "np.ndarray", port: Port, path: Path) -> "Sequence[np.ndarray]":
    shape = port.shape
    if array.ndim == len(shape) - 1 and _fits(array.shape, shape[1:]):
        return (array[None],)
    if not _fits(array.shape[1:], shape[1:]) or array.ndim != len(shape):
        wanted = "×".join("?" if size is None else str(size) for size in shape)
        raise InputError(
            f"“{path.name}” does not fit the input {port.name}.",
            f"Its shape is {'×'.join(map(str, array.shape))}; the model takes {wanted}.",
            "Save arrays of the shape that the model takes.",
        )
    batch = shape[0] if shape else 1
    step = batch or 1
    return [array[start : start + step] for start in range(0, len(array) - step + 1, step)]


def _fits(shape: Sequence[int], wanted: Sequence[int | None]) -> bool:
    same_rank = len(shape) == len(wanted)
    return same_rank and all(b is None or a == b for a, b in zip(shape, wanted, strict=True))


def inputs_from_images(
    model: Path,
    *,
    data: Path,
    contract: PreprocessingContract | None,
    most: int,
    folder: Path,
    progress: Progress,
) -> Inputs:
    """The first `most` samples of a data set, spread over its classes. Raises InputError."""
    from core.data import open_dataset
    from core.data.preparing import find_preparation
    from core.data.splitting import spread
    from core.runtimes import runtimes

    dataset = open_dataset(data)
    found = find_preparation(dataset, model, runtimes()["onnxruntime"], contract, progress=progress)
    rows = found.write(spread(dataset.samples)[:most], folder / "diff-inputs", progress)
    arrays = tuple(rows.rows())
    if found.contract is None:
        plural = "" if rows.count == 1 else "s"
        return Inputs(f"{rows.count} input{plural} of {dataset.name}", False, rows.count, arrays)
    words = (
        f"{rows.count} image{'' if rows.count == 1 else 's'} of {dataset.name}, prepared as "
        f"{found.contract.sentence()}"
    )
    return Inputs(words, False, rows.count, arrays)
