"""What lies over the graph: path, search and colouring at the top, zoom, and the empty state."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from gui import icons, theme
from gui.graph.search import SearchField
from gui.panels.segments import Segment, Segments
from gui.panels.text import Text

BAR_HEIGHT = 32
MOST_CRUMBS = 4
CRUMB_LENGTH = 22
CRUMBS_MS = 60
"""Between two paths: while the view moves, making buttons for every frame would hold it up."""
BUTTON_HEIGHT = 34
ICON = 48.0
LEAST_SEARCH = 110
WIDE_SEARCH = 200
"""The search field has this much before the switch of colours shows all of its buttons."""


class Crumbs(QFrame):
    """The groups around what is seen, outermost first; a press goes there."""

    wanted = Signal(int)
    """The group to show."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("notice", "plain")
        self.setAccessibleName("Where the view is")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 0, 8, 0)
        self._row.setSpacing(2)
        self._path: tuple[tuple[int, str], ...] = ()
        self._soon = QTimer(self, singleShot=True, interval=CRUMBS_MS)
        self._soon.timeout.connect(self._make_buttons)

    def show_path(self, groups: Sequence[tuple[int, str]]) -> None:
        """`groups` are items with their names; the last is where the view is."""
        path = tuple(groups)
        if path != self._path:
            self._path = path
            if not self._soon.isActive():
                self._soon.start()

    def _make_buttons(self) -> None:
        path = self._path
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if len(path) > MOST_CRUMBS:
            path = (path[0], *path[1 - MOST_CRUMBS :])
        for index, (group, name) in enumerate(path):
            if index:
                self._row.addWidget(Text("›", tone="faint"))
            self._row.addWidget(self._crumb(group, name, last=index == len(path) - 1))

    def names(self) -> list[str]:
        return [name for _, name in self._path]

    def _crumb(self, group: int, name: str, *, last: bool) -> QPushButton:
        half = CRUMB_LENGTH // 2
        short = name if len(name) <= CRUMB_LENGTH else f"{name[:half]}…{name[-half:]}"
        button = QPushButton(short.replace("&", "&&"))
        button.setProperty("look", "quiet")
        button.setAccessibleName(f"Show {short}")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        if last:
            button.setFont(theme.font(theme.BODY, QFont.Weight.DemiBold))
        button.clicked.connect(lambda: self.wanted.emit(group))
        return button


class TopBar(QWidget):
    """Path, search and the switch between colourings in one line."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.crumbs = Crumbs(self)
        self.search = SearchField(parent)
        self.colourings = Segments("Colour by")
        self.colouring_menu = QPushButton()
        self.colouring_menu.setMenu(QMenu(self))
        self.colouring_menu.hide()
        self.show_button = _menu_button("Show ▾", "Which operators are drawn")
        self.more_button = _menu_button("⋯", "More: groups, bookmarks, figures, picture, keys")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.crumbs)
        row.addWidget(self.search, 1)
        row.addWidget(self.colourings)
        row.addWidget(self.colouring_menu)
        row.addWidget(self.show_button)
        row.addWidget(self.more_button)
        self.search.setMinimumWidth(LEAST_SEARCH)
        fixed = (self.colouring_menu, self.show_button, self.more_button)
        for widget in (self.crumbs, self.search, *fixed):
            widget.setFixedHeight(BAR_HEIGHT)
            policy = QSizePolicy.Policy
            widget.setSizePolicy(
                policy.Expanding if widget is self.search else policy.Maximum, policy.Fixed
            )

    def show_colourings(self, titles: Sequence[str], pressed: str) -> None:
        self.colourings.set_segments([Segment(title, title) for title in titles])
        self.colourings.press(pressed)
        self.colouring_menu.setText(f"Colour: {pressed} ▾")
        menu = self.colouring_menu.menu()
        menu.clear()
        for title in titles:
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(title == pressed)
            action.triggered.connect(partial(self.colourings.picked.emit, title))

    def fit_width(self, width: int) -> None:
        """With little room the switch becomes a menu, and the path gives way."""
        menus = self.show_button.sizeHint().width() + self.more_button.sizeHint().width()
        search = menus + 3 * theme.GAP + LEAST_SEARCH
        roomy = WIDE_SEARCH - LEAST_SEARCH + search + self.colourings.sizeHint().width() <= width
        self.colourings.setVisible(roomy)
        self.colouring_menu.setVisible(not roomy)
        shown = self.colourings if roomy else self.colouring_menu
        rest = search + theme.GAP + shown.sizeHint().width()
        self.crumbs.setVisible(self.crumbs.sizeHint().width() + rest <= width)
        self.setGeometry(self.x(), self.y(), width, BAR_HEIGHT)

    @override
    def event(self, event: QEvent) -> bool:
        """New buttons have no size until they are laid out, which is when this is told."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit_width(self.width())
        return done


def _menu_button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button


class ZoomButtons(QFrame):
    """Out, the zoom itself (a press makes it 100 %), in, and all."""

    out = Signal()
    reset = Signal()
    into = Signal()
    fit = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("notice", "plain")
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 2, 3, 2)
        row.setSpacing(0)
        self._share = self._button("100 %", "Zoom to 100 % (0)", self.reset)
        self._share.setMinimumWidth(52)
        for button in (
            self._button("−", "Zoom out (−)", self.out),
            self._share,
            self._button("+", "Zoom in (+)", self.into),
            self._button("Fit", "Show everything (F)", self.fit),
        ):
            row.addWidget(button)

    def _button(self, text: str, tip: str, signal) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("look", "quiet")
        button.setToolTip(tip)
        button.setAccessibleName(tip.split(" (", maxsplit=1)[0])
        button.setMinimumWidth(26)
        button.setFont(theme.font(theme.SMALL))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(signal)
        return button

    def show_zoom(self, zoom: float) -> None:
        self._share.setText(f"{zoom * 100:.0f} %" if zoom >= 0.01 else "< 1 %")


class EmptyState(QWidget):
    """Invites to open a model; the whole canvas takes drops."""

    open_sample = Signal()
    open_model = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(40, 108, 40, 36)
        column.setSpacing(theme.GAP)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(
            Text("Drop a model here, or open the sample", size=theme.TITLE, bold=True), 0, centre
        )
        column.addWidget(
            Text(
                "ONNX, PyTorch, TensorFlow Lite, OpenVINO and more; read here, sent nowhere.",
                size=theme.SMALL,
                tone="dim",
            ),
            0,
            centre,
        )
        column.addSpacing(theme.PADDING)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addStretch(1)
        for text, look, signal in (
            ("Open a model…", "", self.open_model),
            ("Open the sample", "primary", self.open_sample),
        ):
            button = QPushButton(text)
            button.setProperty("look", look)
            button.setFixedHeight(BUTTON_HEIGHT)
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    @override
    def sizeHint(self) -> QSize:
        return QSize(480, 246)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colours.faint, 1.5, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(colours.panel)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 12, 12)
        place = QRectF((self.width() - ICON) / 2, 42, ICON, ICON)
        icons.draw(painter, "box", place, colours.accent)
        painter.end()
