"""The right panel: what the selected layer is, how it is compressed, and what that would change."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.model.graph import Layer
from core.model.layer_facts import warm
from core.model.reservations import is_total
from core.parameters import Value
from core.techniques import techniques
from gui import theme
from gui.jobs import Errand
from gui.later import later
from gui.map.words import drop_words, latency_words
from gui.opened import OpenModel
from gui.panels.cards import Notice
from gui.panels.layer_facts_view import LayerFactsView
from gui.panels.model_facts_view import ModelFactsView
from gui.panels.options_form import OptionsForm
from gui.panels.segments import Segment, Segments
from gui.panels.share_bars import BarRow, ShareBars
from gui.panels.text import Chip, Facts, Heading, Text
from gui.plan_editor import KEEP
from gui.session import Session
from gui.wording import counted, size_words

_HINT = "Once a model is open, its layers are explained here and you choose what is done to them."
_MOST_PROBLEMS = 4
_IDLE_MS = 800
"""After a model was opened: by then it is painted."""
_MOST_SENSITIVE = 5
_TELLING_SHARE = 0.15
"""From this share of the error on a layer is warned about."""


class LayerPanel(QScrollArea):
    """One layer, or the whole model while no layer is selected."""

    weight_wanted = Signal(str)
    """Name of a stored tensor that a person wants to look at."""
    model_facts_wanted = Signal()
    sizes_wanted = Signal()
    """Free sizes of the model's inputs shall be fixed."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._editor = session.editor
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setProperty("surface", "panel")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        whole = QVBoxLayout(page)
        whole.setContentsMargins(14, 10, 14, 14)
        self._hint = Text(_HINT, size=theme.SMALL, tone="dim", overflow="wrap")
        self._contents = QWidget()
        whole.addWidget(self._hint, 0, Qt.AlignmentFlag.AlignTop)
        whole.addWidget(self._contents)
        self._page = QVBoxLayout(self._contents)
        self._page.setContentsMargins(0, 0, 0, 0)
        self._page.setSpacing(6)
        self.setWidget(page)
        self._build_title()
        self._build_choice()
        self._build_consequences()
        self._page.addStretch(1)
        self._connect()

    def _build_title(self) -> None:
        row = QHBoxLayout()
        self.title = Text(size=theme.TITLE, bold=True, overflow="cut")
        self._operator = Chip()
        row.addWidget(self.title, 1)
        row.addWidget(self._operator)
        self._page.addLayout(row)
        self._subtitle = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self._page.addWidget(self._subtitle)
        self._page.addWidget(Heading("Facts"))
        self.model_facts = ModelFactsView()
        self.layer_facts = LayerFactsView()
        for view in (self.model_facts, self.layer_facts):
            self._page.addWidget(view)
            view.layer_wanted.connect(self._editor.select)
        self.layer_facts.weight_wanted.connect(self.weight_wanted)
        self.model_facts.more_wanted.connect(self.model_facts_wanted)
        self.model_facts.sizes_wanted.connect(self.sizes_wanted)

    def _build_choice(self) -> None:
        self._choice_heading = Heading("Choice")
        self._page.addWidget(self._choice_heading)
        self.choice = Segments("Choice", most_in_row=4)
        self.choice.picked.connect(self._pick)
        self._page.addWidget(self.choice)
        self._about = Text(size=theme.SMALL, tone="dim", overflow="wrap")
        self._page.addWidget(self._about)
        self.options = OptionsForm()
        self.options.changed.connect(self._set_option)
        self._page.addWidget(self.options)
        self._alike = QPushButton()
        self._alike.setProperty("look", "link")
        self._alike.clicked.connect(self._editor.apply_to_alike)
        self._page.addWidget(self._alike)
        self._problems = QVBoxLayout()
        self._problems.setSpacing(6)
        self._page.addLayout(self._problems)

    def _build_consequences(self) -> None:
        self._plan_heading = Heading("The plan")
        self._page.addWidget(self._plan_heading)
        self.plan_facts = Facts()
        self._page.addWidget(self.plan_facts)
        self._sensitivity_heading = Heading("Sensitivity, worst layers")
        self._page.addWidget(self._sensitivity_heading)
        self.sensitivity = ShareBars("Most sensitive layers", tone="warn")
        self.sensitivity.picked.connect(self._editor.select)
        self._page.addWidget(self.sensitivity)

    def _connect(self) -> None:
        self._warming = QTimer(self)
        self._warming.setSingleShot(True)
        self._warming.setInterval(_IDLE_MS)
        self._warming.timeout.connect(self._warm)
        self._session.model_changed.connect(self._warming.start)
        show = later(self, self._show)
        for signal in (
            self._session.model_changed,
            self._session.results.candidate_selected,
            self._editor.selected_changed,
            self._editor.changed,
            self._editor.outlook_changed,
            self._session.mapping.predicted,
        ):
            signal.connect(show)
        self._show()

    def _warm(self) -> None:
        """Make beside the window's thread what the first selected layer of a model needs."""
        if (model := self._session.model) is not None:
            graph = model.graph
            Errand(lambda: warm(graph)).start()

    def _pick(self, technique: str) -> None:
        self._editor.choose(None if technique == KEEP else technique)

    def _set_option(self, name: str, value: Value) -> None:
        self._editor.set_option(name, value)

    def _show(self) -> None:
        model = self._session.model
        self._contents.setVisible(model is not None)
        self._hint.setVisible(model is None)
        if model is None:
            return
        layer = self._editor.selected
        self.model_facts.setVisible(layer is None)
        self.layer_facts.setVisible(layer is not None)
        if layer is None:
            self._show_model(model)
        else:
            self._show_layer(layer, model)
        for part in (self._choice_heading, self.choice, self._plan_heading, self.plan_facts):
            part.show()
        self._show_choice(layer)
        self._show_problems(layer)
        self._show_plan()
        self._show_sensitivity(layer)
        if not model.inspection.runs:
            self._hide_choices()

    def _hide_choices(self) -> None:
        """There is nothing to choose for a model that can only be looked at."""
        self._subtitle.setVisible(self._editor.selected is not None)
        parts = (self._choice_heading, self.choice, self._about, self.options, self._alike)
        for part in (*parts, self._plan_heading, self.plan_facts):
            part.hide()

    def _show_model(self, model: OpenModel) -> None:
        self.title.setText("Whole model")
        self._operator.show_as(counted(len(model.graph.layers), "layer"))
        self._subtitle.setText("Select a layer in the graph to choose for it alone.")
        self._subtitle.show()
        self.model_facts.show_model(model.graph, model.inspection.summary)

    def _show_layer(self, layer: Layer, model: OpenModel) -> None:
        self.title.setText(layer.name)
        self._operator.show_as(layer.operator)
        scope = " › ".join(layer.scope)
        self._subtitle.setText(" · ".join(filter(None, (layer.detail, scope))) or layer.domain)
        self._subtitle.setVisible(bool(self._subtitle.text()))
        ran = self._session.results.executed.get(layer.id)
        summary = model.inspection.summary
        operations = summary.operations if is_total(summary) else 0
        self.layer_facts.show_layer(layer, model.graph, operations, ran)

    def _show_choice(self, layer: Layer | None) -> None:
        self.choice.set_segments([Segment(KEEP, "Keep", "Leave it as it is"), *self._segments()])
        chosen = self._editor.choice_of(layer)
        self.choice.press(chosen.value)
        known = techniques()
        technique = known.found.get(chosen.value)
        self._choice_heading.setText("CHOICE" if layer else "CHOICE FOR ALL LAYERS")
        self._about.setText(chosen.note or (technique.summary if technique else ""))
        self._about.setVisible(bool(self._about.text()))
        self.options.set_parameters(technique.parameters if technique else ())
        self.options.set_values(chosen.options)
        self.options.setVisible(technique is not None and bool(technique.parameters))
        alike = self._editor.alike_count(layer) if layer else 0
        self._alike.setVisible(alike > 1)
        operator = layer.operator if layer else ""
        self._alike.setText(f"Choose the same for all {alike:,} {operator} layers")

    def _segments(self) -> list[Segment]:
        return [
            Segment(technique.name, technique.short, technique.summary, obstacle or "")
            for technique, obstacle in self._editor.technique_choices()
        ]

    def _show_problems(self, layer: Layer | None) -> None:
        while (item := self._problems.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        problems = self._editor.outlook.problems
        here = [each for each in problems if layer is None or each.layer in (None, layer.id)]
        if layer is not None and (warning := self._sensitivity_warning(layer)) is not None:
            self._problems.addWidget(warning)
        for problem in here[:_MOST_PROBLEMS]:
            kind = "bad" if problem.level == "error" else "warn"
            self._problems.addWidget(Notice(problem.what, problem.remedy, kind))

    def _show_plan(self) -> None:
        outlook = self._editor.outlook
        self.plan_facts.clear()
        for label, count in outlook.counts:
            self.plan_facts.add(label, counted(count, "layer"))
        model = self._session.model
        predicted = outlook.predicted_bytes
        if model is not None and predicted is not None:
            before, after = size_words(model.graph.file_bytes), size_words(predicted)
            same = abs(predicted - model.graph.file_bytes) < 1000
            self.plan_facts.add(
                "File", before if same else f"{before} → {after}", "predicted", "accent"
            )
        self._show_prediction()

    def _show_prediction(self) -> None:
        """From the map, where there is one; what nobody measured is not known."""
        prediction = self._session.mapping.prediction
        edited = self._editor.is_edited
        if prediction is None or not prediction.latency_ms:
            if edited:
                self.plan_facts.add("Latency", "not known yet")
        else:
            self._add_predicted("Latency", *latency_words(prediction.latency_ms))
        if prediction is None or not prediction.drop_points:
            if edited:
                self.plan_facts.add("Accuracy", "not known yet")
        else:
            self._add_predicted("Accuracy", *drop_words(prediction.drop_points))

    def _add_predicted(self, name: str, value: str, band: str) -> None:
        words = f"{value} ({band})" if band else value
        self.plan_facts.add(name, words, "predicted", "accent")

    def _show_sensitivity(self, layer: Layer | None) -> None:
        model = self._session.model
        shares = self._session.results.sensitivity
        worst = sorted(shares.items(), key=lambda pair: -pair[1])[:_MOST_SENSITIVE]
        rows = [
            BarRow(name, model.graph.by_id[name].name, share, f"{100 * share:.0f} %")
            for name, share in worst
            if model and name in model.graph.index_of
        ]
        self._sensitivity_heading.setVisible(bool(rows))
        self.sensitivity.setVisible(bool(rows))
        self.sensitivity.show_rows(rows, layer.id if layer else None)

    def _sensitivity_warning(self, layer: Layer) -> Notice | None:
        share = self._session.results.sensitivity.get(layer.id, 0.0)
        if share < _TELLING_SHARE:
            return None
        kept = self._editor.choice_of(layer).value == KEEP
        title = "Kept for its accuracy" if kept else "Compressing this layer costs accuracy"
        percent = f"{100 * share:.0f} %"
        text = f"Alone it makes {percent} of the error that compressing every layer would make."
        return Notice(title, text, "good" if kept else "warn")
