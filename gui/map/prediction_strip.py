"""What the plan in the editor would give, with its error bands; moves with every edit."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from gui import theme
from gui.map.words import bytes_words, drop_words, latency_words
from gui.panels.text import Chip, Text
from gui.session import Session

_MEASURE = "Make this plan and measure it beside the original"
_NOTHING = "The plan changes nothing yet: choose for a layer first"
_NO_IMAGES = "not known", "map it with images"


class PredictionStrip(QWidget):
    """Latency, file and accuracy, said to be predicted; a button measures them."""

    measure_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.chip = Chip("predicted", "accent")
        self.latency, self.file, self.accuracy = (
            _Figure(name) for name in ("Latency", "File", "Accuracy")
        )
        self.measure = QPushButton("Measure")
        self.measure.clicked.connect(self.measure_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 14, 4)
        row.setSpacing(theme.PADDING)
        row.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignVCenter)
        for figure in (self.latency, self.file, self.accuracy):
            row.addWidget(figure)
        self.basis = Text(size=theme.SMALL, tone="dim", overflow="cut end")
        row.addWidget(self.basis, 1)
        row.addWidget(self.measure)
        session.mapping.predicted.connect(self.show_prediction)
        session.editor.changed.connect(self._show_button)
        session.optimization.changed.connect(self._show_button)
        session.mapping.changed.connect(self._show_button)
        session.images_changed.connect(self._show_button)
        session.device_changed.connect(self._show_button)
        self.show_prediction()
        self._show_button()

    def show_prediction(self) -> None:
        prediction = self._session.mapping.prediction
        self.setVisible(prediction is not None)
        if prediction is None:
            return
        untouched = not self._session.mapping.treated
        self.chip.show_as(*(("the original", "plain") if untouched else ("predicted", "accent")))
        latency, drop = prediction.latency_ms, prediction.drop_points
        self.latency.show_words(*(latency_words(latency) if latency else ("not known", "")))
        self.file.show_words(*bytes_words(prediction.file_bytes))
        self.accuracy.show_words(*(drop_words(drop) if drop else _NO_IMAGES))
        self.basis.setText(prediction.basis)

    def _show_button(self) -> None:
        changes = bool(self._session.editor.plan.steps)
        obstacle = self._session.obstacle or ("" if changes else _NOTHING)
        self.measure.setEnabled(not obstacle)
        self.measure.setToolTip(obstacle or _MEASURE)


class _Figure(QWidget):
    """“Latency  0.24 ms  0.20 to 0.29”."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.value = Text(bold=True)
        self.band = Text(size=theme.SMALL, tone="dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(Text(name, size=theme.SMALL, tone="dim"))
        row.addWidget(self.value)
        row.addWidget(self.band)

    def show_words(self, value: str, band: str) -> None:
        self.value.setText(value)
        self.band.setText(band)
        self.band.setVisible(bool(band))
        self.setAccessibleName(f"{self._name}, predicted: {value}, {band}".rstrip(", "))
