"""The way from left to right: Model → Device → Images → Goal → Optimize, always in sight."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget
from shiboken6 import isValid
from typing_extensions import override

from gui import icons, theme
from gui.panels.cards import Card
from gui.panels.text import Text

_STEPS = ("Model", "Device", "Images", "Goal")
_LEAST_DETAIL = 56
"""Pixels of a step's words that stay in sight in a narrow window; short ones stay whole."""


class StepsBar(QWidget):
    """Buttons that open what they name. One primary button: Optimize."""

    step_pressed = Signal(str)
    """The step's name: Model, Device, Images or Goal."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(52)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 0, 14, 0)
        self._row.setSpacing(theme.GAP)
        self.brand = QPushButton("Edgewright")
        self.brand.setProperty("look", "brand")
        self.brand.setAccessibleName("Edgewright menu")
        self.brand.setToolTip("Menu (Alt+M)")
        self._row.addWidget(self.brand)
        self._row.addSpacing(4)
        self.steps = {name: self._add_step(name) for name in _STEPS}
        self._row.addStretch(1)

    def _add_step(self, name: str) -> "StepButton":
        button = StepButton(name)
        button.clicked.connect(lambda: self.step_pressed.emit(name))
        if name != _STEPS[0]:
            self._row.addWidget(Text("›", tone="faint"))
        self._row.addWidget(button)
        return button

    def set_menu(self, menu: QMenu) -> None:
        self.brand.setMenu(menu)

    def add_actions(
        self, undo: QAction, redo: QAction, others: Sequence[QAction], optimize: QAction
    ) -> None:
        """Undo and redo as icons, the others as words, and the primary button."""
        for button in (ActionButton(undo, "undo-2"), ActionButton(redo, "redo-2")):
            self._row.addWidget(button)
        for action in others:
            self._row.addWidget(ActionButton(action))
        self.optimize = ActionButton(optimize)
        self.optimize.setProperty("look", "primary")
        self._row.addWidget(self.optimize)


class StepButton(Card):
    """One step: a mark that says whether it is settled, its name, and what was settled."""

    def __init__(self, name: str) -> None:
        super().__init__(QHBoxLayout())
        self._name = name
        self.body.setContentsMargins(10, 6, 12, 6)
        self.body.setSpacing(theme.GAP - 1)
        self._mark = Mark()
        self._title = Text(name, bold=True)
        self._detail = Text(size=theme.SMALL, tone="dim", overflow="cut end")
        for widget in (self._mark, self._title, self._detail):
            self.body.addWidget(self.show_passively(widget))
        self._detail.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.show_state("", settled=False)

    def show_state(self, detail: str, *, settled: bool, trouble: bool = False) -> None:
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        whole = self._detail.fontMetrics().horizontalAdvance(detail) + 1  # fractions of a pixel
        self._detail.setMinimumWidth(min(whole, _LEAST_DETAIL))
        self._mark.show_state(settled=settled, trouble=trouble)
        state = "needs attention" if trouble else "settled" if settled else "open"
        self.setAccessibleName(f"{self._name}: {detail or 'not chosen yet'} ({state})")
        self.setToolTip(f"{self._name}: {detail}" if detail else f"Choose: {self._name.lower()}")

    @property
    def detail(self) -> str:
        return self._detail.text()


class Mark(QWidget):
    """A tick, an exclamation mark, or an empty ring."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(16, 16)
        self._settled = self._trouble = False

    def show_state(self, *, settled: bool, trouble: bool) -> None:
        self._settled, self._trouble = settled, trouble
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(16, 16)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc = QRectF(0.75, 0.75, 14.5, 14.5)
        if not (self._settled or self._trouble):
            painter.setPen(QPen(colours.faint, 1.5, Qt.PenStyle.DotLine))
            painter.drawEllipse(disc)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.bad if self._trouble else colours.good)
            painter.drawEllipse(disc.adjusted(-0.75, -0.75, 0.75, 0.75))
            if self._trouble:
                painter.setPen(colours.panel)
                painter.setFont(theme.font(theme.TINY, 600))
                painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, "!")
            else:
                icons.draw(painter, "check", QRectF(3, 3, 10, 10), colours.panel)
        painter.end()


class ActionButton(QPushButton):
    """A push button that triggers an action and follows it; with an icon it shows no words."""

    def __init__(self, action: QAction, icon: str = "") -> None:
        super().__init__()
        self._action = action
        self._icon = icon
        if icon:
            self.setFixedWidth(36)
        action.changed.connect(self._follow)
        theme.changed.connect(self._follow)
        self.clicked.connect(action.trigger)
        self._follow()

    def _follow(self) -> None:
        if not isValid(self._action):  # the window is being taken apart
            return
        words = self._action.text().replace("&", "")
        keys = self._action.shortcut().toString()
        self.setText("" if self._icon else words)
        if self._icon:
            self.setIcon(icons.icon(self._icon))
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(f"{self._action.toolTip()} ({keys})" if keys else self._action.toolTip())
        self.setAccessibleName(words.rstrip("…"))
