"""What accuracy is: the metric that the goal's limit is about."""

from PySide6.QtCore import QObject, Signal

from core.jobs.kinds.examine import Examination, MetricChoice
from gui.project_keeper import ProjectKeeper


class AccuracyChoice(QObject):
    """One of the metrics that fit the model and the images; what a person chooses is kept.

    A choice that does not fit the images is not in force until images come that it fits.
    """

    changed = Signal()
    """Another one is in force, or more is known of what fits."""

    def __init__(self, keeper: ProjectKeeper) -> None:
        super().__init__()
        self._keeper = keeper
        self._found: Examination | None = None
        self.kept = ""
        """Name of what a person chose; empty takes what fits best."""

    @property
    def offered(self) -> tuple[MetricChoice, ...]:
        """What fits best first; empty while there are no images."""
        return self._found.metrics if self._found else ()

    @property
    def metric(self) -> str:
        """What a job is asked to judge by; empty takes what fits best."""
        return self.kept if self._chosen else ""

    @property
    def in_force(self) -> str:
        """Name of the metric that judges; empty while there are no images."""
        return self.metric or (self.offered[0].name if self.offered else "")

    @property
    def sentence(self) -> str:
        """“Object detection, judged by mAP 50-95.”; empty while there are no images."""
        if self._chosen is not None:
            return f"Judged by {self._chosen.label}, as chosen with the goal."
        return self._found.judged if self._found else ""

    @property
    def _chosen(self) -> MetricChoice | None:
        return next((one for one in self.offered if one.name == self.kept), None)

    def choose(self, name: str) -> None:
        """One of the offered, or empty for what fits best."""
        if name != self.kept:
            self._keeper.save(metric=name)
            self.restore(name)

    def restore(self, name: str) -> None:
        """Take what a project says."""
        self.kept = name
        self.changed.emit()

    def offer(self, found: Examination | None) -> None:
        """Other images, or none."""
        self._found = found
        self.changed.emit()
