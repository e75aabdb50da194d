"""A form for the sizes of inputs that have a free one: the smallest, the best and the largest."""

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from core.tensorrt.preflight_report import InputForm
from core.tensorrt.settings import ShapeRange
from gui import theme
from gui.panels.text import Text

_FIELDS = ("smallest", "best", "largest")
_TITLES = ("Smallest", "Best", "Largest")
_TIPS = (
    "The smallest sizes that the engine shall take",
    "The sizes that kernels are chosen for",
    "The largest sizes that the engine shall take",
)


class ShapesForm(QWidget):
    """Hidden until an input with a free size is known. Empty rows are not given."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, tuple[QLineEdit, ...]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(4)
        self.hide()

    def show_inputs(self, forms: Sequence[InputForm]) -> None:
        """One row for each; what was typed for an input of the same name stays."""
        typed = {name: [field.text() for field in fields] for name, fields in self.fields.items()}
        self._clear()
        for place, (title, tip) in enumerate(zip(_TITLES, _TIPS, strict=True), start=1):
            head = Text(title, size=theme.SMALL, tone="dim")
            head.setToolTip(tip)
            self._grid.addWidget(head, 0, place)
        for row, form in enumerate(forms, start=1):
            self._add(row, form, typed.get(form.name))
        self.setVisible(bool(forms))

    def _add(self, row: int, form: InputForm, typed: list[str] | None) -> None:
        self._grid.addWidget(Text(f"Sizes of {form.name}", tone="dim", overflow="cut"), row, 0)
        fields: list[QLineEdit] = []
        for place, (name, title) in enumerate(zip(_FIELDS, _TITLES, strict=True)):
            field = QLineEdit(typed[place] if typed else "")
            field.setPlaceholderText(_words(getattr(form.suggested, name)))
            field.setAccessibleName(f"{title} sizes of {form.name}")
            fields.append(field)
            self._grid.addWidget(field, row, place + 1)
        self.fields[form.name] = tuple(fields)
        if form.given is not None and not typed:
            self.give({form.name: form.given})

    def _clear(self) -> None:
        self.fields = {}
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()

    def give(self, shapes: dict[str, ShapeRange]) -> None:
        """Fill in rows."""
        for name, given in shapes.items():
            for field, place in zip(self.fields.get(name, ()), _FIELDS, strict=False):
                field.setText(_words(getattr(given, place)))

    @property
    def shapes(self) -> dict[str, ShapeRange]:
        """What was typed. A row whose best sizes alone were typed is fixed at these; what is no
        list of numbers becomes an empty shape, which the check tells."""
        found: dict[str, ShapeRange] = {}
        for name, fields in self.fields.items():
            texts = [field.text().strip() for field in fields]
            if any(texts):
                best = texts[1] or texts[0] or texts[2]
                low, middle, high = (_sizes(text or best) for text in texts)
                found[name] = ShapeRange(smallest=low, best=middle, largest=high)
        return found


def _sizes(text: str) -> tuple[int, ...]:
    parts = text.replace("×", ",").replace("x", ",").split(",")
    if not all(part.strip().isdecimal() for part in parts):
        return ()
    return tuple(int(part) for part in parts)


def _words(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes))
