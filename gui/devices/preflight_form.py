"""What a pre-flight is asked: which file, which TensorRT, which precision, which sizes."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.devices.profile import DeviceProfile
from core.tensorrt.dialects import Dialect, dialects
from core.tensorrt.preflight_report import InputForm
from core.tensorrt.settings import PRECISION_LABELS, EnginePrecision, ShapeRange
from core.tensorrt.target import TensorRtTarget, target_of
from gui import theme
from gui.devices.preflight_shapes import ShapesForm
from gui.devices.preflight_subjects import Subject
from gui.panels.inputs import Picker, Tickbox
from gui.panels.text import Text, plain_tip

_AUTOMATIC = "INT8 with Q/DQ, else FP16"
_DLA = "Build for the deep-learning accelerator beside the GPU"
_NAME_WIDTH = 92


class PreflightForm(QWidget):
    """Answers are read when the person asks."""

    changed = Signal()

    def __init__(self, subjects: Sequence[Subject]) -> None:
        super().__init__()
        self._profile: DeviceProfile | None = None
        self.python: Path | None = None
        """An interpreter that has TensorRT's parser; None takes our own."""
        self.file = _picker("Look at")
        self.version = _picker("TensorRT")
        self.precision = _picker("Precision")
        self.dla = Tickbox("DLA")
        self.sparsity = Tickbox("2:4 sparse kernels")
        self.sparsity.setToolTip(plain_tip("For weights of which two in four are zero"))
        self.sizes = ShapesForm()
        self._build()
        for picker in (self.file, self.version, self.precision):
            picker.currentIndexChanged.connect(self.changed)
        self.show_subjects(subjects)
        self.show_device(None)
        self.precision.addItem(_AUTOMATIC, None)
        for name, label in PRECISION_LABELS.items():
            self.precision.addItem(label, name)

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, _NAME_WIDTH)
        for row, picker in enumerate((self.file, self.version)):
            grid.addWidget(Text(picker.accessibleName(), tone="dim"), row, 0)
            grid.addWidget(picker, row, 1)
        grid.addWidget(Text("Precision", tone="dim"), 0, 2)
        grid.addWidget(self.precision, 0, 3)
        options = QHBoxLayout()
        options.setSpacing(18)
        options.addWidget(self.dla)
        options.addWidget(self.sparsity)
        options.addStretch(1)
        grid.addLayout(options, 1, 3)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(3, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addLayout(grid)
        column.addWidget(self.sizes)

    # showing

    def show_subjects(self, subjects: Sequence[Subject]) -> None:
        kept = self.file.currentText()
        self.file.blockSignals(True)  # one change, told once
        self.file.clear()
        for subject in subjects:
            self.file.addItem(subject.label, subject)
        self.file.setCurrentIndex(max(self.file.findText(kept), 0) if subjects else -1)
        self.file.blockSignals(False)
        self.changed.emit()

    def show_device(self, profile: DeviceProfile | None) -> None:
        """The version that the project's target device has comes first."""
        self._profile = profile if profile is not None and profile.software.tensorrt else None
        self.version.blockSignals(True)
        self.version.clear()
        if self._profile is not None:
            target = target_of(self._profile)
            self.version.addItem(f"{target.version}, as on {self._profile.name}", target)
        for dialect in reversed(dialects()):
            self.version.addItem(_dialect_words(dialect), TensorRtTarget(version=dialect.version))
        self.version.blockSignals(False)
        lacking = self._profile if self._profile is not None and not self._profile.dla else None
        self.dla.setEnabled(lacking is None)
        self.dla.setToolTip(plain_tip(f"{lacking.name} has none" if lacking else _DLA))
        self.changed.emit()

    def show_inputs(self, forms: Sequence[InputForm]) -> None:
        self.sizes.show_inputs(forms)

    # answers

    @property
    def subject(self) -> Subject | None:
        return self.file.currentData()

    @property
    def target(self) -> TensorRtTarget | None:
        chosen: TensorRtTarget | None = self.version.currentData()
        if chosen is None:
            return None
        precision: EnginePrecision | None = self.precision.currentData()
        return chosen.model_copy(
            update={
                "precision": precision,
                "use_dla": self.dla.isChecked() and self.dla.isEnabled(),
                "use_sparsity": self.sparsity.isChecked(),
            }
        )

    @property
    def shapes(self) -> dict[str, ShapeRange]:
        return self.sizes.shapes

    def give_shapes(self, shapes: dict[str, ShapeRange]) -> None:
        self.sizes.give(shapes)

    def ask_for_python(self) -> None:
        """Let the person choose the interpreter that has tensorrt-rtx."""
        title = "Python with tensorrt-rtx"
        path, _ = QFileDialog.getOpenFileName(self, title, "", "Python (python*)")
        if path:
            self.python = Path(path)
            self.changed.emit()


def _dialect_words(dialect: Dialect) -> str:
    return f"{dialect.version} (JetPack {dialect.jetpack})" if dialect.jetpack else dialect.version


def _picker(name: str) -> Picker:
    picker = Picker()
    picker.setAccessibleName(name)
    picker.setMinimumContentsLength(12)
    return picker
