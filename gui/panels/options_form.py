"""A form made from declared parameters: one row each, with its range, default and help."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.parameters import Choice, Number, Parameter, Toggle, Value
from core.parameters import Text as TextParameter
from gui import theme
from gui.panels.inputs import NumberField, Picker, Tickbox
from gui.panels.text import Text

_DECIMALS = 3
_TEXT_WIDTH = 240


class OptionsForm(QWidget):
    """Shows values and tells when a person changed one."""

    changed = Signal(str, object)
    """Name of the parameter and its new value."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)
        self._parameters: tuple[Parameter, ...] = ()
        self._show: dict[str, Callable[[Value], None]] = {}

    def set_parameters(self, parameters: Sequence[Parameter]) -> None:
        """Rebuild the rows, unless they are the ones already there."""
        if tuple(parameters) == self._parameters:
            return
        self._parameters = tuple(parameters)
        self._show = {}
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for parameter in parameters:
            self._rows.addWidget(self._row(parameter))

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Show `values`, or the default where one is missing, without telling anybody."""
        for parameter in self._parameters:
            self._show[parameter.name](values.get(parameter.name, parameter.initial))

    def _row(self, parameter: Parameter) -> QWidget:
        for kind, build in _EDITORS.items():
            if isinstance(parameter, kind):
                row = build(self, parameter)
                row.setToolTip(parameter.help)
                return row
        raise TypeError(f"No editor for {type(parameter).__name__}")

    def _toggle(self, parameter: Toggle) -> QWidget:
        box = Tickbox(parameter.label)
        box.setAccessibleDescription(parameter.help)
        box.clicked.connect(lambda checked: self.changed.emit(parameter.name, bool(checked)))
        self._show[parameter.name] = lambda value: box.setChecked(bool(value))
        return box

    def _choice(self, parameter: Choice) -> QWidget:
        box = Picker()
        box.setAccessibleName(parameter.label)
        for index, option in enumerate(parameter.options):
            box.addItem(option.label, option.value)
            box.setItemData(index, option.help, Qt.ItemDataRole.ToolTipRole)
        box.activated.connect(lambda index: self.changed.emit(parameter.name, box.itemData(index)))
        self._show[parameter.name] = lambda value: box.setCurrentIndex(box.findData(value))
        return _labelled(parameter, box)

    def _number(self, parameter: Number) -> QWidget:
        decimals = 0 if parameter.integer else _DECIMALS
        box = NumberField(parameter.minimum, parameter.maximum, parameter.unit, decimals)
        box.setAccessibleName(parameter.label)

        def show(value: Value) -> None:
            box.blockSignals(True)
            box.setValue(float(value))
            box.blockSignals(False)

        def tell(value: float) -> None:
            self.changed.emit(parameter.name, round(value) if parameter.integer else value)

        box.valueChanged.connect(tell)
        self._show[parameter.name] = show
        return _labelled(parameter, box)

    def _text(self, parameter: TextParameter) -> QWidget:
        field = QLineEdit()
        field.setAccessibleName(parameter.label)
        field.setMinimumWidth(_TEXT_WIDTH)
        field.textEdited.connect(lambda text: self.changed.emit(parameter.name, text))
        self._show[parameter.name] = lambda value: field.setText(str(value))
        return _labelled(parameter, field)


_EDITORS: dict[type[Parameter], Callable[..., QWidget]] = {
    Toggle: OptionsForm._toggle,
    Choice: OptionsForm._choice,
    Number: OptionsForm._number,
    TextParameter: OptionsForm._text,
}


def _labelled(parameter: Parameter, editor: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(theme.GAP)
    layout.addWidget(Text(parameter.label, size=theme.SMALL, tone="dim"))
    layout.addStretch(1)
    layout.addWidget(editor)
    return row
