"""The files that a scan runs: parts of the original, and cells with one layer treated."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from core.errors import UserError
from core.model.graph import LayerId, ModelGraph
from core.parameters import Value
from core.search.answers import Form
from core.search.sensitivity.batching import look_at
from core.search.sensitivity.part_session import Lot, PartSession, carried
from core.search.sensitivity.parts import CutModel
from core.search.sensitivity.route import Leg, plan_route
from core.search.sensitivity.work import ScanWork
from core.techniques import techniques
from core.techniques.base import TechniqueInput
from core.techniques.editing import ModelEdit

if TYPE_CHECKING:
    import onnx

KIT_FILE = "kit.json"
SAMPLES = 4
"""Inputs on which it is tried whether the model takes several at once, and what it answers."""

Progress = Callable[[float, float, str], None]
Wanted = Mapping[str, Mapping[LayerId, Mapping[str, Value]]]
"""Setting to the layers it shall treat one by one, with complete options."""


class Treated(BaseModel):
    """One layer treated alone."""

    model_config = ConfigDict(frozen=True)

    setting: str
    layer: LayerId
    start: int
    """Where its cell begins."""
    end: int
    file: str
    """The cell with the layer treated; empty where the treatment changes nothing."""


class Kit(BaseModel):
    """What a worker needs to know to put the files together."""

    model_config = ConfigDict(frozen=True)

    legs: tuple[Leg, ...]
    live: dict[int, tuple[str, ...]]
    """Tensors alive at each cut."""
    outputs: tuple[str, ...]
    several: bool
    """Whether several inputs may go in at once."""
    form: Form
    treated: tuple[Treated, ...]
    original_bytes: int = 0
    """What one input's tensors take at the ends of all cells of a leg, at most."""
    copy_bytes: int = 0
    """What one input's tensors take at the end of a leg, at most."""
    refused: dict[str, dict[LayerId, str]]
    """Setting to the layers that could not be treated, and why."""


def cells_file(leg: Leg) -> str:
    """A leg of the original that also gives what is alive at its cells' ends."""
    return f"cells-{leg.start}.onnx"


def part_file(start: int, end: int) -> str:
    """The original from one cut to another."""
    return f"part-{start}-{end}.onnx"


def build_kit(
    work: ScanWork,
    wanted: Wanted,
    folder: Path,
    progress: Progress,
    check_cancelled: Callable[[], None],
) -> Kit:
    """Cut the model, treat every wanted layer, and write all files into an empty folder.

    The calibration inputs go through the model once: what they are at a cell's beginning is what
    the techniques learn from, as they would learn from the whole model's activations.
    """
    return _Builder(work, wanted, folder, progress, check_cancelled).build()


@dataclass
class _Builder:
    work: ScanWork
    wanted: Wanted
    folder: Path
    progress: Progress
    check_cancelled: Callable[[], None]
    _number: int = 0

    def build(self) -> Kit:
        self._cut()
        self._write_parts()
        refused: dict[str, dict[LayerId, str]] = {name: {} for name in self.wanted}
        treated: list[Treated] = []
        calibration = self._calibration()
        cells = [cell for leg in self._legs for cell in _spans(leg)]
        for number, (start, end) in enumerate(cells):
            self.progress(number, len(cells), "Treating each layer alone")
            treated += self._treat_cell(start, end, calibration, refused)
            if calibration and number + 1 < len(cells):
                self._advance(calibration, start, end)
        cuts = {0, *(cell for leg in self._legs for cell in leg.cells)}
        kit = Kit(
            legs=self._legs,
            live={cut: self._cut_model.live(cut) for cut in sorted(cuts)},
            outputs=self._cut_model.outputs,
            several=self._found.several,
            form=self._found.form,
            treated=tuple(treated),
            original_bytes=max(sum(map(self._bytes_alive, leg.cells)) for leg in self._legs),
            copy_bytes=max(self._bytes_alive(leg.end) for leg in self._legs),
            refused=refused,
        )
        (self.folder / KIT_FILE).write_text(kit.model_dump_json(), encoding="utf-8")
        return kit

    def _cut(self) -> None:
        model = ModelEdit.open(self.work.model).model
        whole = CutModel(model)
        names = {name for cut in whole.cuts for name in whole.live(cut)}
        samples = [self.work.feeds(index) for index in range(min(SAMPLES, self.work.count))]
        self._found = look_at(model, names - set(whole.inputs), samples)
        self._cut_model = CutModel(self._found.model, self._found.dtypes)
        layers = {str(layer) for chosen in self.wanted.values() for layer in chosen}
        self._legs = plan_route(
            self._cut_model,
            layers,
            lambda layer: operations_of(self.work.graph, LayerId(layer)),
            self._bytes_at,
            self.work.calibration_count,
        )

    def _bytes_at(self, cut: int) -> int | None:
        """What one input's activations take at a cut, or None where it cannot be cut."""
        names = self._cut_model.live(cut)
        inside = [name for name in names if name not in self._cut_model.inputs]
        if self._found.several and not self._found.rowwise.issuperset(inside):
            return None
        return self._bytes_alive(cut)

    def _bytes_alive(self, cut: int) -> int:
        """What one input's activations take at a cut."""
        alive = self._cut_model.live(cut)
        return sum(self._found.row_bytes.get(name, 0) for name in alive)

    def _write_parts(self) -> None:
        for leg in self._legs:
            watched = {name for cell in leg.cells for name in self._cut_model.live(cell)}
            self._save(self._cut_model.part(leg.start, leg.end, watched), cells_file(leg))
            for start in (leg.start, *leg.cells[:-1]):
                self._save(self._cut_model.part(start, leg.end), part_file(start, leg.end))

    def _save(self, model: "onnx.ModelProto", name: str) -> None:
        (self.folder / name).write_bytes(model.SerializeToString())

    def _calibration(self) -> list[Lot]:
        """The calibration inputs, each for itself; none where no technique asks for them."""
        names = {self.work.settings[setting].technique for setting in self.wanted}
        if self.work.calibration is None or not any(
            techniques()[name].needs_calibration for name in names
        ):
            return []
        return list(self.work.calibration())

    def _advance(self, lots: list[Lot], start: int, end: int) -> None:
        """Bring inputs from one cut to the next, in place."""
        session = PartSession(self._cut_model.part(start, end).SerializeToString())
        for index, lot in enumerate(lots):
            self.check_cancelled()
            lots[index] = carried(lot, session.run(lot), self._cut_model.live(end))

    def _treat_cell(
        self,
        start: int,
        end: int,
        calibration: Sequence[Lot],
        refused: dict[str, dict[LayerId, str]],
    ) -> Iterator[Treated]:
        inside = self._cut_model.layers[start:end]
        if not any(layer in chosen for chosen in self.wanted.values() for layer in inside):
            return
        source = self.folder / "cell.onnx"
        cell = self._cut_model.part(start, end, boundary=True)
        taken = [value.name for value in cell.graph.input]
        feeds = [{name: lot[name] for name in taken} for lot in calibration]
        ModelEdit(cell).save(source)
        for setting, chosen in self.wanted.items():
            for layer in (LayerId(name) for name in inside if name in chosen):
                self.check_cancelled()
                target = self.folder / f"treated-{self._number}.onnx"
                self._number += 1
                try:
                    self._treat(setting, layer, source, target, feeds)
                except UserError as error:
                    refused[setting][layer] = f"{error.what} {error.why}"
                    continue
                changed = target.read_bytes() != source.read_bytes()
                yield Treated(
                    setting=setting,
                    layer=layer,
                    start=start,
                    end=end,
                    file=target.name if changed else "",
                )
        source.unlink()

    def _treat(
        self, setting: str, layer: LayerId, source: Path, target: Path, feeds: Sequence[Lot]
    ) -> None:
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        technique = techniques()[self.work.settings[setting].technique]
        technique.rewrite(
            TechniqueInput(
                source=source,
                target=target,
                graph=self.work.graph,
                choices={layer: self.wanted[setting][layer]},
                calibration=(lambda: iter(feeds)) if feeds else None,
                calibration_count=len(feeds),
                scratch=scratch,
            )
        )


def operations_of(graph: ModelGraph, layer: LayerId) -> float:
    """0 where they are not known."""
    known = graph.by_id.get(layer)
    return float(known.operations or 0) if known else 0.0


def _spans(leg: Leg) -> Iterator[tuple[int, int]]:
    """Beginning and end of every cell."""
    return zip((leg.start, *leg.cells[:-1]), leg.cells, strict=True)
