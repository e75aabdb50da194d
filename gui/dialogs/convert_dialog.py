"""Turns a model that can only be looked at into one that runs; code of its own needs consent."""

from pathlib import Path

from pydantic import BaseModel
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from core.conversion.architecture import builders_in
from core.conversion.asking import SUFFIXES, TARGET_LABELS
from core.conversion.declaration import Conversion
from core.conversion.pytorch import COMPONENT, has_pytorch
from core.jobs.events import Event, Failed, Progress
from core.jobs.kinds.convert import ConvertReport, ConvertRequest
from gui import theme
from gui.dialogs.conversion_consent import ConversionConsent
from gui.dialogs.sheet import Sheet
from gui.jobs import Errand, RunningJob, job_launch
from gui.opened import OpenModel
from gui.panels.inputs import Picker
from gui.panels.text import Heading, Text
from gui.panels.trouble_card import TroubleCard
from gui.scratch import scratch_folder
from gui.session import Session
from gui.trouble import trouble_of


class ConvertDialog(Sheet):
    """What it becomes, what the file does not say, what will run, and where the result goes."""

    def __init__(self, session: Session, model: OpenModel, parent: QWidget) -> None:
        name, label = model.path.name, model.inspection.format_label
        only_drawn = " Edgewright draws it as it is; to be measured and compressed it must be ONNX."
        super().__init__(
            "Convert the model",
            f"“{name}” is of the format {label}.{'' if model.inspection.runs else only_drawn}",
            parent,
            620,
        )
        self._session = session
        self._model = model
        self._job: RunningJob | None = None
        self._ways = model.inspection.conversions
        self._build_target()
        self._build_architecture()
        self._build_sizes()
        self._build_python()
        self._build_consent()
        self._progress = Text(tone="dim", overflow="wrap")
        self._progress.hide()
        self.body.addWidget(self._progress)
        self._trouble = TroubleCard()
        self._trouble.dismissed.connect(lambda: self._trouble.show_trouble(None))
        self.body.addWidget(self._trouble)
        self.add_cancel()
        self.start = self.add_button("Convert", primary=True)
        self.start.clicked.connect(self._run)
        self._show_way()

    # building

    def _build_target(self) -> None:
        self.body.addWidget(Heading("Convert to"))
        self.way = Picker()
        self.way.setAccessibleName("Convert to")
        self.way.addItems([TARGET_LABELS[way.target] for way in self._ways])
        self.way.currentIndexChanged.connect(self._show_way)
        self.target, browse = self._path_row("Result", self._browse_target)
        row = QHBoxLayout()
        row.addWidget(self.way)
        row.addWidget(self.target, 1)
        row.addWidget(browse)
        self.body.addLayout(row)

    def _build_architecture(self) -> None:
        self.architecture, browse = self._path_row("Architecture", self._browse_architecture)
        self.architecture.setPlaceholderText("Python file with the model’s class")
        self.architecture.editingFinished.connect(self._look_for_builders)
        self.builder = Picker()
        self.builder.setEditable(True)
        self.builder.setAccessibleName("Class or function")
        self.builder.setMinimumWidth(150)
        self.builder.editTextChanged.connect(self._check)
        self._architecture_part = self._part(
            "Architecture: the Python file and the class or function in it that builds the model",
            self.architecture,
            browse,
            self.builder,
        )

    def _build_sizes(self) -> None:
        self.sizes = QLineEdit(_known_sizes(self._model))
        self.sizes.setAccessibleName("Sizes of the inputs")
        self.sizes.setPlaceholderText("1,3,224,224   (several inputs: separate with a semicolon)")
        self.sizes.textChanged.connect(self._check)
        self._sizes_part = self._part("Sizes of the inputs, which the file leaves open", self.sizes)

    def _build_python(self) -> None:
        self.python, browse = self._path_row("Python with PyTorch", self._browse_python)
        self.python.setPlaceholderText("…/bin/python of an environment that has PyTorch")
        self._python_part = self._part(
            "PyTorch is not installed. Add the component with “pip install "
            f"edgewright[{COMPONENT}]”, or choose a Python that has it",
            self.python,
            browse,
        )

    def _build_consent(self) -> None:
        self._consent = ConversionConsent()
        self.trust = self._consent.trust
        self.trust.toggled.connect(self._check)
        self.body.addWidget(self._consent)

    def _path_row(self, name: str, browse: object) -> tuple[QLineEdit, QPushButton]:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.textChanged.connect(self._check)
        button = QPushButton("Choose…")
        button.setAutoDefault(False)
        button.setAccessibleName(f"Choose: {name}")
        button.clicked.connect(browse)
        return field, button

    def _part(self, title: str, *fields: QWidget) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(Text(title, size=theme.SMALL, tone="dim", overflow="wrap"))
        row = QHBoxLayout()
        for field in fields:
            row.addWidget(field, 1 if isinstance(field, QLineEdit) else 0)
        column.addLayout(row)
        self.body.addWidget(part)
        return part

    # showing

    @property
    def _way(self) -> Conversion:
        return self._ways[self.way.currentIndex()]

    def _show_way(self) -> None:
        way = self._way
        self._architecture_part.setVisible("architecture" in way.needs)
        self._sizes_part.setVisible("input-shape" in way.needs)
        self._python_part.setVisible(way.component == COMPONENT and not has_pytorch())
        self._consent.show_code(way.runs)
        self.target.setText(str(_free_path(self._model.path, SUFFIXES[way.target])))
        self._check()
        self.fit()

    def _check(self) -> None:
        """The button can be pressed when everything that is asked for is there."""
        way = self._way
        missing = [
            (bool(self.target.text().strip()), "Choose where the result goes."),
            (
                "architecture" not in way.needs
                or bool(self.architecture.text().strip() and self.builder.currentText().strip()),
                "Choose the architecture.",
            ),
            (
                "input-shape" not in way.needs or _sizes_of(self.sizes.text()) is not None,
                "Give the sizes of the inputs.",
            ),
            (
                self._python_part.isHidden() or bool(self.python.text().strip()),
                "Choose a Python that has PyTorch.",
            ),
            (not way.runs or self.trust.isChecked(), "Tick that the code may run."),
        ]
        why = next((words for there, words in missing if not there), "")
        if hasattr(self, "start"):
            self.start.setEnabled(not why and self._job is None)
            self.start.setToolTip(why)

    def _look_for_builders(self) -> None:
        path = Path(self.architecture.text().strip()).expanduser()
        if path.name:
            errand = Errand(lambda: builders_in(path))
            errand.done.connect(self._show_builders)
            errand.failed.connect(self._fail)
            errand.start()

    def _show_builders(self, names: tuple[str, ...]) -> None:
        self._trouble.show_trouble(None)
        self.builder.clear()
        self.builder.addItems(list(names))

    # choosing files

    def _browse_target(self) -> None:
        label, suffix = TARGET_LABELS[self._way.target], SUFFIXES[self._way.target]
        path, _ = QFileDialog.getSaveFileName(
            self, "Convert into", self.target.text(), f"{label} (*{suffix})"
        )
        if path:
            self.target.setText(path)

    def _browse_architecture(self) -> None:
        folder = str(self._model.path.parent)
        path, _ = QFileDialog.getOpenFileName(self, "Architecture", folder, "Python (*.py)")
        if path:
            self.architecture.setText(path)
            self._look_for_builders()

    def _browse_python(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Python with PyTorch", "", "Python (python*)")
        if path:
            self.python.setText(path)

    # converting

    def _run(self) -> None:
        launch = job_launch("convert", self._request(), scratch_folder("convert"))
        job = self._session.jobs.add("convert", "Converting", launch, _report_of)
        job.told.connect(self._hear)
        job.finished.connect(self._take)
        job.failed.connect(self._fail)
        job.ended.connect(self._end)
        self._job = job
        self._trouble.show_trouble(None)
        self._progress.setText("Starting…")
        self._progress.show()
        self._check()
        self.fit()
        job.start()

    def _request(self) -> ConvertRequest:
        way = self._way
        with_code = "architecture" in way.needs
        return ConvertRequest(
            model=self._model.path,
            to=way.target,
            out=Path(self.target.text().strip()).expanduser().absolute(),
            trusted=bool(way.runs) and self.trust.isChecked(),
            input_shapes=(_sizes_of(self.sizes.text()) or ()) if "input-shape" in way.needs else (),
            architecture=_path_in(self.architecture) if with_code else None,
            architecture_name=self.builder.currentText().strip() if with_code else "",
            python=None if self._python_part.isHidden() else _path_in(self.python),
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, Progress) and event.text:
            self._progress.setText(f"{event.text}…")

    def _take(self, report: ConvertReport) -> None:
        """The result opens as the model; its own format decides whether that is possible."""
        self._session.open(report.file)
        self.accept()

    def _fail(self, failed: Failed) -> None:
        self._trouble.show_trouble(trouble_of(failed))
        self.fit()

    def _end(self) -> None:
        self._job = None
        self._progress.hide()
        self._check()

    @override
    def reject(self) -> None:
        """Cancel stops a conversion that runs, then closes."""
        if self._job is not None:
            self._job.cancel()
        super().reject()


def _report_of(outcome: BaseModel, folder: Path) -> ConvertReport:
    assert isinstance(outcome, ConvertReport)
    return outcome


def _path_in(field: QLineEdit) -> Path:
    return Path(field.text().strip()).expanduser().absolute()


def _free_path(model: Path, suffix: str) -> Path:
    """Beside the model, under a name that nothing has yet."""
    wish = model.with_suffix(suffix)
    number = 2
    while wish.exists():
        wish = model.with_name(f"{model.stem} {number}{suffix}")
        number += 1
    return wish


def _known_sizes(model: OpenModel) -> str:
    """What the file says about its inputs, with 1 for what is free; empty where it says nothing."""
    shapes = [tensor.shape for tensor in model.graph.inputs]
    if not shapes or any(shape is None for shape in shapes):
        return ""
    texts = [
        ",".join(str(size) if isinstance(size, int) else "1" for size in shape or ())
        for shape in shapes
    ]
    return "; ".join(texts)


def _sizes_of(text: str) -> tuple[tuple[int, ...], ...] | None:
    """“1,3,32,32; 1,5” as numbers; None for anything else."""
    shapes = [part.replace("×", ",").split(",") for part in text.split(";")]
    if not all(size.strip().isdecimal() and int(size) > 0 for shape in shapes for size in shape):
        return None
    return tuple(tuple(int(size) for size in shape) for shape in shapes)
