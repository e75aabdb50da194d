"""The numbers of a preprocessing contract, to be edited; all problems are shown together."""

from collections.abc import Callable
from typing import get_args

from pydantic import ValidationError
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from core.data.contract import Interpolation, PreprocessingContract
from gui import theme
from gui.panels.inputs import Picker
from gui.panels.text import Text

_RESIZES = {
    "short-side": "Short side, then crop the centre",
    "stretch": "Stretch to the size",
    "letterbox": "Fit inside, pad both sides",
    "corner": "Fit into the corner, pad the rest",
    "none": "Images have the right size",
}
_COLOURS = {"RGB": "RGB", "BGR": "BGR", "grey": "Grey"}
_LAYOUTS = {"NCHW": "Channels first (NCHW)", "NHWC": "Channels last (NHWC)"}


class ContractForm(QWidget):
    """Fields for everything that turns an image into a tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, QLineEdit] = {}
        """The typed ones, by field."""
        self._read: dict[str, Callable[[], object]] = {}
        self._write: dict[str, Callable[[object], None]] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(6)
        self.problems = Text(size=theme.SMALL, tone="bad", overflow="wrap")
        self.problems.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._grid)
        column.addWidget(self.problems)
        self._add_fields()

    def _add_fields(self) -> None:
        self._add_text("width", "Width", 0, 0)
        self._add_text("height", "Height", 0, 1)
        self._add_picker("resize", "Resize", _RESIZES, 1, 0)
        self._add_text("resize_to", "Short side before the crop", 1, 1, "as the crop")
        named = {name: name.capitalize() for name in get_args(Interpolation)}
        self._add_picker("interpolation", "Interpolation", named, 2, 0)
        self._add_picker("colour", "Colour order", _COLOURS, 2, 1)
        self._add_text("scale", "Scale of 0 to 255", 3, 0)
        self._add_picker("layout", "Layout", _LAYOUTS, 3, 1)
        self._add_text("mean", "Mean, one or per channel", 4, 0)
        self._add_text("std", "Standard deviation", 4, 1)
        self._add_text("fill", "Padding, 0 to 255", 5, 0)

    def _place(self, name: str, editor: QWidget, row: int, column: int) -> None:
        editor.setAccessibleName(name)
        self._grid.addWidget(Text(name, size=theme.SMALL, tone="dim"), 2 * row, column)
        self._grid.addWidget(editor, 2 * row + 1, column)

    def _add_text(self, field: str, label: str, row: int, column: int, empty: str = "") -> None:
        editor = QLineEdit()
        editor.setPlaceholderText(empty)
        self._place(label, editor, row, column)
        self.fields[field] = editor
        self._read[field] = lambda: _value(field, editor.text())
        self._write[field] = lambda value: editor.setText(_text(value))

    def _add_picker(
        self, field: str, label: str, answers: dict[str, str], row: int, column: int
    ) -> None:
        editor = Picker()
        for value, words in answers.items():
            editor.addItem(words, value)
        self._place(label, editor, row, column)
        self._read[field] = editor.currentData
        self._write[field] = lambda value: editor.setCurrentIndex(editor.findData(value))

    def show_contract(self, contract: PreprocessingContract) -> None:
        for field, write in self._write.items():
            write(getattr(contract, field))
        self.problems.hide()

    def contract(self) -> PreprocessingContract | None:
        """What the fields say; None, with every problem shown, when it makes no sense."""
        try:
            fields = {name: read() for name, read in self._read.items()}
            made = PreprocessingContract.model_validate({"name": "custom", **fields})
        except ValidationError as error:
            words = [
                f"{'.'.join(str(part) for part in each['loc']) or 'Numbers'}: "
                f"{each['msg'].removeprefix('Value error, ')}."
                for each in error.errors()
            ]
            self.problems.setText("\n".join(words))
            self.problems.show()
            return None
        self.problems.hide()
        return made


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "  ".join(f"{each:.6g}" for each in value)
    return f"{value:.8g}" if isinstance(value, float) else str(value)


def _value(field: str, text: str) -> object:
    if field in ("mean", "std"):
        return text.replace(",", " ").split()
    return text.strip() or None
