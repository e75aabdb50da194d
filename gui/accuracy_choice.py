"""What accuracy is: the metric that the goal's limit is about."""

from PySide6.QtCore import QObject, Signal

from core.jobs.kinds.examine import Examination, MetricChoice
from gui.project_keeper import ProjectKeeper


class AccuracyChoice(QObject):
    """One of the metrics that fit the model and the images; what a person chooses is kept."""

    changed = Signal()
    """Another one is meant, or more is known of what fits."""
    chosen = Signal()
    """A person wants another one, or none fits the new images."""

    def __init__(self, keeper: ProjectKeeper) -> None:
        super().__init__()
        self._keeper = keeper
        self._found: Examination | None = None
        self.metric = ""
        """Its name; empty takes what fits best."""

    @property
    def offered(self) -> tuple[MetricChoice, ...]:
        """What fits best first; empty while there are no images."""
        return self._found.metrics if self._found else ()

    @property
    def label(self) -> str:
        """Of the chosen metric; empty where none was chosen."""
        return next((one.label for one in self.offered if one.name == self.metric), "")

    @property
    def sentence(self) -> str:
        """“Object detection, judged by mAP 50-95.”; empty while there are no images."""
        if self._found is None or not self.label:
            return self._found.judged if self._found else ""
        return f"Judged by {self.label}, as chosen with the goal."

    def choose(self, name: str) -> None:
        if name != self.metric:
            self._keeper.save(metric=name)
            self.restore(name)
            self.chosen.emit()

    def restore(self, name: str) -> None:
        """Take what a project says."""
        self.metric = name
        self.changed.emit()

    def offer(self, found: Examination | None) -> None:
        """Other images, or none; what does not fit them is not chosen any more."""
        self._found = found
        if found is not None and self.metric not in {one.name for one in found.metrics}:
            self.choose("")
        self.changed.emit()
