"""The engines that TensorRT built: what made each, whether it runs here, and building anew."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from core.tensorrt.ledger import EngineHost, EngineRecord, Usability, usable_on
from gui import theme
from gui.panels.text import Chip, Text
from gui.wording import day_words, duration_words, size_words

_NONE_YET = (
    "No engine was built yet. TensorRT builds one on the board itself when a model is measured "
    "there; it is kept with all that made it, and used again as long as nothing of that changed."
)


_NOT_JUDGED = Usability(usable=False, reason="Check the board to see whether it runs there.")


class EnginesView(QWidget):
    """One row an engine, the newest first; what does not run on this board is dimmed with why."""

    rebuild_wanted = Signal(object)
    """An EngineRecord whose model shall be built here, with the same settings."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.PADDING)
        self._rows: list[QWidget] = []
        self._empty = Text(_NONE_YET, size=theme.SMALL, tone="dim", overflow="wrap")
        self._column.addWidget(self._empty)

    def show_engines(self, records: Sequence[EngineRecord], host: EngineHost | None) -> None:
        """`host` is the board as it is now; None where that is not known, and nothing is judged."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [self._row(record, host) for record in records]
        for row in self._rows:
            self._column.addWidget(row)
        self._empty.setVisible(not records)

    def _row(self, record: EngineRecord, host: EngineHost | None) -> QWidget:
        judged = usable_on(record, host) if host is not None else _NOT_JUDGED
        row = _EngineRow(record, judged)
        row.rebuild.clicked.connect(lambda: self.rebuild_wanted.emit(record))
        return row


class _EngineRow(QWidget):
    def __init__(self, record: EngineRecord, judged: Usability) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        tone = "ink" if judged.usable else "faint"
        title = Text(title_of(record), tone=tone, bold=True, overflow="cut")
        grid.addWidget(title, 0, 0)
        words = "not checked" if judged is _NOT_JUDGED else "not here"
        chip = Chip("runs here", "good") if judged.usable else Chip(words)
        grid.addWidget(chip, 0, 1, Qt.AlignmentFlag.AlignRight)
        made = Text(made_words(record), size=theme.SMALL, tone="dim", overflow="wrap")
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(made, 1, 0, 1, 2)
        flags = Text(" ".join(record.command[1:]), size=theme.TINY, tone="faint", overflow="cut")
        grid.addWidget(flags, 2, 0, 1, 2)
        reason = Text(judged.reason, size=theme.SMALL, tone="warn", overflow="wrap")
        reason.setVisible(bool(judged.reason))
        grid.addWidget(reason, 3, 0)
        self.rebuild = QPushButton("Rebuild here")
        self.rebuild.setAutoDefault(False)
        self.rebuild.setAccessibleName(f"Rebuild here: {title_of(record)}")
        self.rebuild.setVisible(bool(judged.reason) and judged is not _NOT_JUDGED)
        grid.addWidget(self.rebuild, 3, 1)
        state = "runs here" if judged.usable else "does not run here"
        self.setAccessibleName(f"{title_of(record)}, {state}. {judged.reason}".strip())


def title_of(record: EngineRecord) -> str:
    return f"{record.model_name} · {record.label}" if record.label else record.model_name


def made_words(record: EngineRecord) -> str:
    """Board, software, power mode, moment, size and time of building, in two lines."""
    host = record.host
    software = [f"TensorRT {host.tensorrt}"]
    software += [f"JetPack {host.jetpack}"] if host.jetpack else []
    software += [host.power_mode] if host.power_mode else []
    built = datetime.fromisoformat(record.built_at)
    when = day_words(built, datetime.now(built.tzinfo))
    took = f"built {when} in {duration_words(record.build_seconds)}"
    dla = [f"{len(record.on_dla)} layers on DLA, {len(record.on_gpu)} fell back to the GPU"]
    parts = [size_words(record.engine_bytes), took, *(dla if record.on_dla else ())]
    return f"{host.board_name or host.module} · {' · '.join(software)}\n{' · '.join(parts)}"
