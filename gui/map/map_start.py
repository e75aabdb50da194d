"""Before there is a map: what it is for, what stands in the way, and how far making it is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.obstacles import obstacle_to_mapping
from gui.panels.job_status import progress_words
from gui.panels.text import Text
from gui.panels.trouble_card import TroubleCard
from gui.session import Session

_INVITATION = (
    "The map shows what compressing each layer gains in time and costs in accuracy, measured here. "
    "With it, every change to the plan is predicted at once, and the best plan can be found."
)
_WITHOUT_IMAGES = (
    "Without images only time and size are mapped. Add images first to learn what each layer costs "
    "in accuracy and to try INT8."
)
_KEPT = "What was measured before you paused is kept."
_SCALE = 1000


class MapStart(QWidget):
    """An invitation, or the progress of the job."""

    map_wanted = Signal()
    log_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._mapping = session.mapping
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 12, 24, 12)
        column.setSpacing(theme.GAP)
        self._build_words()
        self._build_progress()
        column.addStretch(1)
        column.addWidget(self.trouble)
        column.addWidget(self.words)
        for widget in (self.progress, self.start, self.pause):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def _build_words(self) -> None:
        self.trouble = TroubleCard()
        self.trouble.dismissed.connect(lambda: self._session.troubles.clear("map"))
        self.trouble.action_wanted.connect(self.map_wanted)
        self.trouble.log_wanted.connect(self.log_wanted)
        self.words = Text(tone="dim", overflow="wrap")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.start = QPushButton()
        self.start.setProperty("look", "primary")
        self.start.clicked.connect(self.map_wanted)

    def _build_progress(self) -> None:
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(320)
        self.progress.setAccessibleName("Progress of the map")
        self.pause = QPushButton("Pause")
        self.pause.setToolTip("Stop; what was measured is kept, and mapping goes on from there")
        self.pause.clicked.connect(self._mapping.pause)

    def show_state(self) -> None:
        job, obstacle = self._mapping.job, obstacle_to_mapping(self._session)
        self.trouble.show_trouble(self._session.troubles.at("map") if job is None else None)
        self.progress.setVisible(job is not None)
        self.pause.setVisible(job is not None)
        self.start.setVisible(job is None)
        self.start.setEnabled(not obstacle)
        self.start.setText("Go on mapping" if self._mapping.interrupted else "Map the layers")
        if job is None:
            self.words.setText("\n".join((_INVITATION, *self._remarks(obstacle))))
            return
        self.pause.setEnabled(not job.is_cancelling)
        self.words.setText("Stopping…" if job.is_cancelling else progress_words(job))
        self.progress.setRange(0, _SCALE if job.progress else 0)
        self.progress.setValue(round((job.progress.fraction if job.progress else 0) * _SCALE))

    def _remarks(self, obstacle: str) -> list[str]:
        if obstacle:
            return [obstacle]
        remarks = [] if self._session.images_path else [_WITHOUT_IMAGES]
        return [*remarks, _KEPT] if self._mapping.interrupted else remarks
