"""Prepared inputs on disk, for models with one input or several."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core.data.tensors import Tensors
from core.errors import InputError
from core.runtimes.base import Port

if TYPE_CHECKING:
    import numpy as np

    from core.data.tensors import Ragged


class InputSet:
    """What a model is fed with, one sample after the other; files are mapped, not loaded.

    Either a .npy file for a model's only input, (samples, …) without batch, or a folder that
    TensorWriter wrote, with one tensor for each input and its batch of 1.
    """

    def __init__(self, path: Path, name: str = "") -> None:
        """`name` is that of the only input; it is not needed for a folder. Raises InputError."""
        import numpy as np

        self.path = path
        if path.is_dir():
            self._tensors = Tensors.read(path)
        else:
            rows = cast("np.ndarray", np.load(path, mmap_mode="r", allow_pickle=False))
            self._tensors = Tensors({name: rows[:, np.newaxis]})

    @property
    def names(self) -> tuple[str, ...]:
        """Of the inputs; a single empty one for a file whose input was not named."""
        return self._tensors.names

    @property
    def count(self) -> int:
        return self._tensors.count

    def feeds(self, index: int) -> "dict[str, np.ndarray]":
        """One sample by input name, with a batch of 1."""
        return self._tensors.sample(index)

    def rows(self) -> "Iterator[dict[str, np.ndarray]]":
        """Every sample, in order."""
        for index in range(self.count):
            yield self.feeds(index)

    def column(self, name: str) -> "np.ndarray | Ragged":
        """All samples of one input."""
        return self._tensors.columns[name]

    def fitted(self, ports: Sequence[Port], most: int | None = None) -> "FittedInputs":
        """The samples in the names and dtypes of a compiled model. Raises InputError."""
        return FittedInputs(self, ports, most)


class FittedInputs(Sequence["dict[str, np.ndarray]"]):
    """The samples as one compiled model takes them, made when asked for."""

    def __init__(self, inputs: InputSet, ports: Sequence[Port], most: int | None) -> None:
        self._inputs = inputs
        self._sources = _sources(inputs, ports)
        self._ports = tuple(ports)
        self._count = inputs.count if most is None else min(most, inputs.count)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> "dict[str, np.ndarray]":  # type: ignore[override]  # no slices
        import numpy as np

        if not 0 <= index < self._count:
            raise IndexError(index)
        row = self._inputs.feeds(index)
        return {
            port.name: np.ascontiguousarray(row[source], dtype=port.dtype)
            for port, source in zip(self._ports, self._sources, strict=True)
        }


def _sources(inputs: InputSet, ports: Sequence[Port]) -> tuple[str, ...]:
    """For each port the name of its tensors."""
    if len(ports) == 1 and len(inputs.names) == 1:
        return inputs.names
    missing = [port.name for port in ports if port.name not in inputs.names]
    if missing:
        given = ", ".join(name for name in inputs.names if name) or "images alone"
        raise InputError(
            f"The model takes {len(ports)} inputs.",
            f"Nothing is given for {', '.join(missing)}; given: {given}.",
            "Give .npz files that hold an array for every input, or measure it without inputs.",
        )
    return tuple(port.name for port in ports)
