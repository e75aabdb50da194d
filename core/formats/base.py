"""What a format is: a kind of model file that can be recognized and read into a ModelGraph."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from core.conversion.declaration import Conversion, ConversionWork
from core.errors import InputError
from core.model.graph import ModelGraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.model.quantized_weights import Companions


class Format(ABC):
    """One kind of model file. A new one is one new file in this folder with one subclass."""

    name: ClassVar[str]
    """For files and flags: lower-case letters."""
    label: ClassVar[str]
    """For people: “ONNX”."""
    suffixes: ClassVar[tuple[str, ...]]
    """For file dialogs, with the dot; recognizing a file never depends on them."""
    runs: ClassVar[bool] = False
    """Whether runtimes take its files as they are; of others, `check_runnable` says what to do."""
    folders: ClassVar[bool] = False
    """Whether a model of this format can be a folder; `sniff` is asked about folders only then."""
    conversions: ClassVar[tuple[Conversion, ...]] = ()
    """What its files can be turned into, the recommended way first; `convert` does it."""
    way_out: ClassVar[str] = (
        "Export the model to ONNX in the program that made it, and open that file."
    )
    """What to do with a file that only another program can convert."""

    @abstractmethod
    def sniff(self, path: Path) -> bool:
        """Whether this format can read the file; looks at its first bytes, not at its name.

        True for a damaged file of this format too, so that the message names the format.
        Raises OSError when the file cannot be read.
        """

    @abstractmethod
    def read_graph(self, path: Path) -> ModelGraph:
        """Read the structure, never the weights' numbers. Raises InputError.

        Must bear any bytes: a model file is hostile until proven otherwise.
        """

    @abstractmethod
    def check_runnable(self, path: Path) -> None:
        """Raise InputError when no runtime may open this model, though it can be drawn.

        Checks everything that is known to crash, stall or mislead an engine, external data
        included.
        """

    def companions(self, path: Path) -> tuple[Path, ...]:
        """The other files that the model consists of, all below its folder. Raises InputError."""
        return ()

    def read_weight(self, path: Path, name: str) -> "NDArray[Any]":
        """The numbers of the Weight `name` of a graph, mapped where that is possible.

        Runs in a worker. Raises InputError.
        """
        raise InputError(
            f"The numbers of “{name}” cannot be looked at.",
            f"Edgewright draws models of the format {self.label} without reading their weights.",
            "Convert the model to ONNX and open that file.",
        )

    def scale_of_weight(self, path: Path, name: str) -> "Companions | None":
        """The scale and zero point of a Weight of integers, where the model names any."""
        return None

    def read_whole(self, path: Path) -> tuple[ModelGraph, tuple[Path, ...]]:
        """The graph and the companions; a format that finds both in one pass does that here."""
        return self.read_graph(path), self.companions(path)

    def convert(self, conversion: Conversion, work: ConversionWork) -> None:
        """Write `work.target` by one of `conversions`; runs in a worker. Raises UserError.

        Whoever calls this has asked for consent where the conversion runs code of the file's own.
        """
        raise NotImplementedError(f"{self.name} declares no conversion to {conversion.target}")

    def drawn_only(self, path: Path) -> InputError:
        """What `check_runnable` raises for a format that no runtime takes as it is."""
        what = f"“{path.name}” can be looked at, but not run as it is."
        why = f"No runtime in Edgewright takes the format {self.label}."
        if not self.conversions:
            return InputError(what, why, self.way_out)
        target = self.conversions[0].target
        command = f"edgewright convert {path.name} --to {target}"
        remedy = f"Convert it first: “Convert…” in Edgewright’s menu, or “{command}”."
        return InputError(what, why, remedy)
