"""What a pre-flight found: the verdict, the forecast, each finding with its fixes, the parser."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from core.tensorrt.preflight_report import (
    SEVERITY_LABELS,
    Fix,
    PreflightFinding,
    PreflightReport,
    Severity,
)
from core.tensorrt.settings import PRECISION_LABELS
from gui import theme
from gui.panels.text import Chip, ChipKind, Text

_CHIPS: Mapping[Severity, ChipKind] = {
    "stops": "bad",
    "falsifies": "bad",
    "warns": "warn",
    "notes": "plain",
}
_SHOWN_LAYERS = 3
_LONGEST = 36
"""Signs of a layer's name."""


class PreflightView(QWidget):
    """One report."""

    layer_picked = Signal(str)
    fix_wanted = Signal(object)
    """A Fix."""
    python_wanted = Signal()
    """An interpreter with TensorRT's parser shall be chosen."""

    def __init__(self, report: PreflightReport) -> None:
        super().__init__()
        self.report = report
        self.fixes: list[FixRow] = []
        self.show_buttons: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 8, 8)
        column.setSpacing(8)
        column.addLayout(_verdict(report))
        column.addWidget(self._forecast())
        for finding in report.findings:
            column.addWidget(self._card(finding))
        column.addWidget(self._parser())
        column.addStretch(1)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def _forecast(self) -> QFrame:
        build = self.report.build
        seconds, memory = build.seconds, build.memory_bytes
        label = PRECISION_LABELS[self.report.precision]
        words = (
            f"The build ({label}) takes about {_minutes(seconds.value)} "
            f"({_minutes(seconds.low)} to {_minutes(seconds.high)}) and "
            f"{memory.value / 1e9:.1f} GB of memory ({memory.low / 1e9:.1f} to "
            f"{memory.high / 1e9:.1f}). {build.basis}"
        )
        return _noted("predicted", "accent", words)

    def _card(self, finding: PreflightFinding) -> QFrame:
        card, column = _framed()
        first = QHBoxLayout()
        first.setSpacing(8)
        chip = Chip(SEVERITY_LABELS[finding.severity].lower(), _CHIPS[finding.severity])
        first.addWidget(chip, 0, Qt.AlignmentFlag.AlignTop)
        first.addWidget(_selectable(Text(finding.title, bold=True, overflow="wrap")), 1)
        column.addLayout(first)
        column.addWidget(_selectable(Text(finding.why, size=theme.SMALL, overflow="wrap")))
        if finding.remedy:
            remedy = Text(finding.remedy, size=theme.SMALL, tone="dim", overflow="wrap")
            column.addWidget(_selectable(remedy))
        if finding.layers:
            column.addLayout(self._layers(finding))
        for fix in finding.fixes:
            row = FixRow(fix)
            row.wanted.connect(lambda one=fix: self.fix_wanted.emit(one))
            self.fixes.append(row)
            column.addWidget(row)
        return card

    def _layers(self, finding: PreflightFinding) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        for layer in finding.layers[:_SHOWN_LAYERS]:
            button = QPushButton(_short(layer).replace("&", "&&"))
            button.setProperty("look", "link")
            button.setAutoDefault(False)
            button.setAccessibleName(f"Show {layer} in the graph")
            button.setToolTip("Show it in the graph")
            button.clicked.connect(lambda _=False, one=layer: self.layer_picked.emit(one))
            self.show_buttons.append(button)
            row.addWidget(button)
        more = len(finding.layers) - _SHOWN_LAYERS
        if more > 0:
            row.addWidget(Text(f"and {more} more", size=theme.SMALL, tone="dim"))
        row.addStretch(1)
        return row

    def _parser(self) -> QFrame:
        parser = self.report.parser
        if parser is not None:
            said = "takes the model" if parser.accepted else "refuses the model"
            notes = "".join(f"\n{text}" for text in (*parser.errors[:2], *parser.warnings[:2]))
            words = f"The parser of TensorRT for RTX {parser.version} {said}.{notes}"
            return _noted("asked", "good" if parser.accepted else "bad", words)
        card = _noted("not asked", "plain", self.report.parser_missing)
        choose = QPushButton("Choose a Python that has it…")
        choose.setProperty("look", "link")
        choose.setAutoDefault(False)
        choose.clicked.connect(self.python_wanted)
        layout = card.layout()
        assert layout is not None
        layout.addWidget(choose)
        layout.setAlignment(choose, Qt.AlignmentFlag.AlignLeft)
        return card


class FixRow(QWidget):
    """What mends a finding, and a button that does it."""

    wanted = Signal()

    def __init__(self, fix: Fix) -> None:
        super().__init__()
        self.fix = fix
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 5, 0, 0)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(Text(fix.label, overflow="wrap"))
        words.addWidget(Text(fix.effect, size=theme.SMALL, tone="dim", overflow="wrap"))
        row.addLayout(words, 1)
        self.apply = QPushButton("Apply")
        self.apply.setAutoDefault(False)
        self.apply.setAccessibleName(f"Apply: {fix.label}")
        self.apply.clicked.connect(self.wanted)
        row.addWidget(self.apply, 0, Qt.AlignmentFlag.AlignTop)

    def show_applied(self, *, applied: bool) -> None:
        self.apply.setText("Applied" if applied else "Apply")
        self.apply.setEnabled(not applied)


def _verdict(report: PreflightReport) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 8, 0, 0)
    row.setSpacing(8)
    chip = Chip("ready", "good") if report.ready else Chip("not ready", "bad")
    row.addWidget(chip, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(_selectable(Text(report.sentence, overflow="wrap")), 1)
    return row


def _framed() -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setProperty("notice", "plain")
    column = QVBoxLayout(card)
    column.setContentsMargins(12, 9, 12, 10)
    column.setSpacing(5)
    return card, column


def _noted(mark: str, kind: ChipKind, words: str) -> QFrame:
    card, column = _framed()
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(Chip(mark, kind), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(_selectable(Text(words, size=theme.SMALL, overflow="wrap")), 1)
    column.addLayout(row)
    return card


def _selectable(text: Text) -> Text:
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return text


def _short(name: str) -> str:
    """Ends of names tell them apart: the middle is left out."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST // 2]}…{name[-_LONGEST // 2 :]}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
