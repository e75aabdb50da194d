"""The window's dialogs, each imported when it is first shown."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.jobs.events import Failed
from core.tensorrt.ledger import EngineRecord
from gui.loading import ADVISOR, CHARTS, once_loaded
from gui.session import Session


class Dialogs(QObject):
    """Opens them over a window."""

    log_wanted = Signal()
    operator_wanted = Signal(str)
    """The layers with this operator shall be listed."""
    sizes_wanted = Signal()
    """The sizes of the model's inputs shall be asked for."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session

    def show_images(self) -> None:
        from gui.dialogs.images_dialog import ImagesDialog

        ImagesDialog(self._session, self._window).open()

    def show_devices(self) -> None:
        from gui.dialogs.devices_dialog import DevicesDialog

        dialog = DevicesDialog(self._session, self._window)
        dialog.add_wanted.connect(self.add_device)
        dialog.rebuild_wanted.connect(self._rebuild)
        dialog.open()

    def _rebuild(self, device_id: str, record: EngineRecord) -> None:
        """Measuring a model on a board builds its engine there."""
        self._session.measuring.choose(device_id)
        if self._session.model is None:
            self._session.troubles.tell("model", _no_model_to_build(record))
        self.show_benchmark()

    def add_device(self) -> None:
        """A board that is reached over SSH; the project’s models are measured there afterwards."""
        from gui.devices.add_dialog import AddDeviceDialog

        dialog = AddDeviceDialog(self._session, self._window)
        dialog.added.connect(lambda board: self._session.measuring.choose(board.id))
        dialog.open()

    def show_target(self) -> None:
        """Which device the model is made for: every profile, with search and comparison."""
        from gui.devices.profile_dialog import ProfileDialog

        ProfileDialog(self._session, self._window).open()

    def show_advisor(self) -> None:
        """What suits the model on the target device; beside the window."""
        once_loaded(ADVISOR, self._open_advisor)

    def _open_advisor(self) -> None:
        from gui.devices.advisor_dialog import AdvisorDialog

        dialog = AdvisorDialog(self._session, self._window)
        dialog.device_wanted.connect(self.show_target)
        dialog.sizes_wanted.connect(self.sizes_wanted)
        dialog.show()

    def show_goal(self) -> None:
        from gui.dialogs.goal_dialog import GoalDialog

        GoalDialog(self._session, self._window).open()

    def show_compare(self) -> None:
        from gui.dialogs.compare_dialog import CompareDialog

        CompareDialog(self._session, self._window).open()

    def show_history(self) -> None:
        """Every run of the project."""
        from gui.dialogs.history_dialog import HistoryDialog

        HistoryDialog(self._session, self._window).open()

    def show_diff(self) -> None:
        """What differs inside the open model and a candidate, or any other two."""
        self._compare(None)

    def compare_files(self, files: tuple[Path, Path]) -> None:
        """What differs inside two files."""
        self._compare(files)

    def _compare(self, files: tuple[Path, Path] | None) -> None:
        from gui.diff.diff_window import DiffWindow

        shown = DiffWindow(self._session, self._window, files)
        shown.log_wanted.connect(self.log_wanted)
        shown.show()

    def show_profile(self) -> None:
        """Where the time of the open model, or of a candidate, goes; beside the window."""
        from gui.dialogs.precision_dialog import PrecisionDialog

        if self._session.model is not None:
            PrecisionDialog(self._session, self._window).show()

    def show_benchmark(self) -> None:
        """Latency, throughput, memory, power and heat on a device."""

        def show() -> None:
            from gui.devices.bench_dialog import BenchDialog

            BenchDialog(self._session, self._window).open()

        if self._session.model is not None:
            once_loaded(CHARTS, show)

    def show_sweep(self) -> None:
        """Batch × streams of the open model, or of a candidate."""
        from gui.dialogs.sweep_dialog import SweepDialog

        if self._session.model is not None:
            SweepDialog(self._session, self._window).open()

    def show_doctors(self) -> None:
        """What is wrong with the model's answers, and remedies; beside the window."""
        from gui.dialogs.doctor_dialog import DoctorDialog

        if self._session.model is not None:
            DoctorDialog(self._session, self._window).show()

    def show_preflight(self) -> None:
        """What TensorRT will make of the open model, or of a candidate; beside the window."""
        from gui.devices.preflight_dialog import PreflightDialog

        if self._session.model is not None:
            PreflightDialog(self._session, self._window).show()

    def show_changed_images(self) -> None:
        """Compare the candidate that is looked at with the original, at once."""
        from gui.dialogs.compare_dialog import CompareDialog

        dialog = CompareDialog(self._session, self._window)
        dialog.open()
        dialog.show_changes_at_once()

    def show_tensor(self, weight: str) -> None:
        """Look at the numbers of a stored tensor of the open model."""
        once_loaded(CHARTS, lambda: self._open_tensor(weight))

    def _open_tensor(self, weight: str) -> None:
        from gui.dialogs.tensor_dialog import TensorDialog

        model = self._session.model
        if model is not None and weight in model.graph.weights:
            layer = self._session.editor.selected
            TensorDialog(
                self._session, model, model.graph.weights[weight], layer, self._window
            ).open()

    def show_model_facts(self) -> None:
        once_loaded(CHARTS, self._open_model_facts)

    def _open_model_facts(self) -> None:
        from gui.dialogs.model_dialog import ModelDialog

        if self._session.model is not None:
            dialog = ModelDialog(self._session, self._session.model, self._window)
            dialog.operator_wanted.connect(self.operator_wanted)
            dialog.open()

    def show_convert(self) -> None:
        from gui.dialogs.convert_dialog import ConvertDialog

        model = self._session.model
        if model is not None and model.inspection.conversions:
            ConvertDialog(self._session, model, self._window).open()

    def show_export(self) -> None:
        from gui.dialogs.export_dialog import ExportDialog

        ExportDialog(self._session, self._window).open()


def _no_model_to_build(record: EngineRecord) -> Failed:
    return Failed(
        what="There is no model open to build an engine of.",
        why=f"The engine was built from “{record.model_name}”.",
        remedy="Open that model, then measure it on the board: Benchmark in the menu.",
    )
