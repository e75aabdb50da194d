"""The centre: feeds the graph canvas from the session, and the session from the canvas."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QFileDialog

from core.jobs.events import Failed
from gui.colourings import by_choice, by_latency, by_precision, by_profile, by_sensitivity
from gui.figures_file import FiguresFile
from gui.graph.canvas import GraphCanvas
from gui.graph.colouring import Colouring
from gui.graph.memory import ViewMemory
from gui.later import later
from gui.map.map_colourings import COST, GAIN, by_cost, by_gain
from gui.opened import OpenModel
from gui.session import Session

_FIGURES = "figures"
"""Key of the chip that tells what became of a file of figures."""
_LATENCY, _PRECISION, _SENSITIVITY = "Latency", "Precision", "Sensitivity"


class GraphArea(QObject):
    """Keeps `canvas` showing the open model, coloured by what is known of it."""

    model_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self, session: Session, settings: QSettings | None = None) -> None:
        """`settings` keep bookmarks and what is hidden for each model."""
        super().__init__()
        self._session = session
        self._shown: OpenModel | None = None
        self._original: OpenModel | None = None
        """What is shown, before its edits."""
        self._offered: dict[str, Colouring | None] = {}
        self._profiled: Colouring | None = None
        self.canvas = GraphCanvas(memory=ViewMemory(settings))
        self.canvas.commands.reach_window()
        self.figures = FiguresFile(self)
        self.figures.read.connect(self._show_figures)
        self.figures.failed.connect(self._refuse_figures)
        self.canvas.figures_requested.connect(self.choose_figures)
        self.canvas.picture_requested.connect(self.save_picture)
        self.canvas.layer_selected.connect(session.editor.select)
        self.canvas.selection_cleared.connect(lambda: session.editor.select(None))
        self.canvas.open_sample_requested.connect(self.sample_wanted)
        self.canvas.open_model_requested.connect(self.model_wanted)
        self.canvas.model_drawn.connect(session.go_on)
        session.model_changed.connect(self._show_model)
        session.editor.selected_changed.connect(self._show_selection)
        session.editor.outlook_changed.connect(later(self, self._show_choices))
        session.mapping.changed.connect(later(self, self._show_map))
        session.profiled.changed.connect(later(self, self._show_profile))
        session.results.changed.connect(later(self, self._show_new_results))
        session.results.candidate_selected.connect(later(self, self._show_results))

    def _show_model(self) -> None:
        model = self._session.model
        if model is self._shown:
            return
        self._shown = model
        before, self._original = self._original, self._session.edits.original
        if model is None:
            self.canvas.clear()
            return
        self._offered = {}
        was_edited = before is not None and before is self._original
        show = self.canvas.follow if was_edited else self.canvas.set_graph
        show(model.graph, model.layout)
        self._show_choices()
        self._show_results()
        self._show_profile()
        self._show_map()

    def choose_figures(self) -> None:
        """Ask for a file with figures to colour by."""
        if self._shown is not None:
            path, _ = QFileDialog.getOpenFileName(
                self.canvas, "Figures per layer", "", "Tables (*.csv *.tsv *.txt *.json);;All (*)"
            )
            if path:
                self.load_figures(Path(path))

    def load_figures(self, path: Path) -> None:
        """Colour by the figures in a CSV or JSON file."""
        if self._shown is not None:
            self.figures.load(path, self._shown.graph)

    def _show_figures(self, colourings: Sequence[Colouring], words: str) -> None:
        for colouring in colourings:
            self.canvas.add_colouring(colouring)
        self.canvas.choose_colouring(colourings[0].title)
        notices = self.canvas.chrome.notices
        notices.put(_FIGURES, words, "OK", lambda: notices.put(_FIGURES, ""))

    def _refuse_figures(self, failed: Failed) -> None:
        from gui.dialogs.sheet import Sheet

        sheet = Sheet(failed.what, f"{failed.why}\n{failed.remedy}", self.canvas)
        sheet.add_cancel("Close")
        sheet.open()

    def save_picture(self) -> None:
        """Ask how to save the drawing, and save it."""
        from gui.dialogs.picture_dialog import PictureDialog

        if self._shown is not None:
            PictureDialog(self.canvas, self._shown.title).open()

    def _show_selection(self) -> None:
        """A group may stay ringed while no layer is selected."""
        selected = self._session.editor.selected
        if selected is not None or self.canvas.selected is not None:
            self.canvas.select(selected.id if selected else None)

    def _show_choices(self) -> None:
        if self._shown is not None:
            choices = self._session.editor.outlook.choices
            self.canvas.add_colouring(by_choice(self._shown.graph, choices))

    def _show_results(self) -> None:
        for title, colouring in self._result_colourings().items():
            self._offer(title, colouring)

    def _show_profile(self) -> None:
        """A fresh profile is what a person wants to see; one that is shown already stays."""
        if self._shown is None:
            return
        before = self._profiled
        self._profiled = by_profile(self._shown.graph, self._session.profiled.profile)
        if self._profiled == before:
            return
        if before is not None:
            self.canvas.remove_colouring(before.title)
        if self._profiled is not None:
            self.canvas.set_colouring(self._profiled)

    def _show_map(self) -> None:
        """What layers gain and cost; a fresh map is what a person wants to see."""
        if self._shown is None:
            return
        graph = self._shown.graph
        mapping, worths = self._session.mapping, self._session.mapping.worths()
        loss = mapping.reading.map.loss if mapping.reading else None
        option = mapping.option.label if mapping.option else ""
        found = {
            COST: by_cost(graph, worths, option, loss),
            GAIN: by_gain(graph, worths, option, mapping.label),
        }
        first = not any(title in self._offered for title in found)
        for title, colouring in found.items():
            self._offer(title, colouring)
        if first and (fresh := found[COST] or found[GAIN]) is not None:
            self.canvas.choose_colouring(fresh.title)

    def _offer(self, title: str, colouring: Colouring | None) -> None:
        if colouring == self._offered.get(title):
            return
        if colouring is None:
            self._offered.pop(title, None)
            self.canvas.remove_colouring(title)
        else:
            self._offered[title] = colouring
            self.canvas.add_colouring(colouring)

    def _show_new_results(self) -> None:
        """Fresh figures are what a person wants to see first."""
        self._show_results()
        known = [each for each in self._result_colourings().values() if each is not None]
        if known:
            self.canvas.set_colouring(known[0])

    def _result_colourings(self) -> dict[str, Colouring | None]:
        if self._shown is None:
            return {}
        executed = self._session.results.executed
        return {
            _LATENCY: by_latency(self._shown.graph, executed),
            _PRECISION: by_precision(executed),
            _SENSITIVITY: by_sensitivity(self._session.results.sensitivity),
        }
