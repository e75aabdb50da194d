"""The list of changed images: a thumbnail, both answers, the truth and the damage of each."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)
from typing_extensions import override

from core.benchmark.changes.base import Effect, ImageChange
from gui import theme
from gui.dialogs.changes_pictures import ChangePictures
from gui.wording import share_of_one

Index = QModelIndex | QPersistentModelIndex

EFFECTS: dict[Effect, tuple[str, str, str]] = {
    "worse": ("▼", "bad", "worse"),
    "better": ("▲", "good", "better"),
    "other": ("●", "dim", "other"),
}
"""Effect to its shape, its tone and its word."""
_TOP = QModelIndex()
_PLACE = Qt.ItemDataRole.UserRole
_CHANGE = Qt.ItemDataRole.UserRole + 1
_HEIGHT, _SIDE, _MARGIN = 62, 48, 7


class ChangesModel(QAbstractListModel):
    """Some of the changes, in their order: the most damaged first."""

    def __init__(self) -> None:
        super().__init__()
        self._changes: Sequence[ImageChange] = ()
        self._places: Sequence[int] = ()

    def show_changes(self, changes: Sequence[ImageChange]) -> None:
        self._changes = changes
        self.narrow(None)

    def narrow(self, effect: str | None) -> None:
        """Only those with this effect; None shows all."""
        self.beginResetModel()
        self._places = [
            place
            for place, change in enumerate(self._changes)
            if effect is None or change.effect == effect
        ]
        self.endResetModel()

    @property
    def shown(self) -> list[ImageChange]:
        return [self._changes[place] for place in self._places]

    def place(self, row: int) -> int:
        """Where the change of a row is among all of them."""
        return self._places[row]

    def row_of(self, place: int) -> int | None:
        return self._places.index(place) if place in self._places else None

    def refresh(self, place: int) -> None:
        """Something about a change came in."""
        if (row := self.row_of(place)) is not None:
            index = self.index(row)
            self.dataChanged.emit(index, index)

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self._places)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        place = self._places[index.row()]
        change = self._changes[place]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return change.image
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(change)
            case _ if role == _PLACE:
                return place
            case _ if role == _CHANGE:
                return change
            case _:
                return None


class ChangesList(QTableView):
    """Rows are drawn only when they are seen, whatever their number.

    A table of one column: a list view of Qt's would ask for each row to place it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows = ChangesModel()
        self.rows.setParent(self)
        self.setModel(self.rows)
        self.setAccessibleName("Images whose answer changed, the most damaged first")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(_HEIGHT)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)

    def show_changes(self, changes: Sequence[ImageChange], pictures: ChangePictures) -> None:
        self.rows.show_changes(changes)
        delegate = _Delegate(pictures)
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        pictures.thumbnail_came.connect(self.rows.refresh)

    def step(self, by: int) -> None:
        """Go to the next change, or the one before; stays at the ends."""
        row = min(max(self.currentIndex().row() + by, 0), self.rows.rowCount() - 1)
        if row >= 0:
            self.setCurrentIndex(self.rows.index(row))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go through the images too, as beside a picture they do elsewhere."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if (by := steps.get(Qt.Key(event.key()))) is not None:
            self.step(by)
        else:
            super().keyPressEvent(event)


def spoken(change: ImageChange) -> str:
    """All that a row shows, in words."""
    truth = f", truth {change.truth}" if change.truth else ""
    a, b = (answer_words(change, side) for side in ("a", "b"))
    effect = EFFECTS[change.effect][2]
    return f"{change.image}: A {a}, B {b}{truth}; {effect}, damage {damage_words(change)}"


def answer_words(change: ImageChange, side: str) -> str:
    """“Sandal 93.1 %”."""
    words, sure = (
        (change.a, change.confidence_a) if side == "a" else (change.b, change.confidence_b)
    )
    return words if sure is None else f"{words or '(nothing)'} {share_of_one(sure)}"


def damage_words(change: ImageChange) -> str:
    """“+0.410”, “−0.120”: what is above 0 is worse."""
    return f"{change.damage:+.3f}".replace("-", "−")


class _Delegate(QStyledItemDelegate):
    """Paints a row from the theme; asks for thumbnails as rows come into sight."""

    def __init__(self, pictures: ChangePictures) -> None:
        super().__init__()
        self._pictures = pictures

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        change: ImageChange = index.data(_CHANGE)
        colours = theme.current()
        row = QRect(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        state = option.state  # pyright: ignore[reportAttributeAccessIssue]
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(row, theme.mix(colours.accent, colours.panel, 0.16))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(row, theme.mix(colours.ink, colours.panel, 0.04))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(row.x(), row.y(), 3, row.height(), colours.selection)
        self._paint_thumbnail(painter, row, index.data(_PLACE))
        words = row.adjusted(_SIDE + 2 * _MARGIN + 4, _MARGIN, -_MARGIN, -_MARGIN)
        _paint_words(painter, words, change)

    def _paint_thumbnail(self, painter: QPainter, row: QRect, place: int) -> None:
        frame = QRect(row.x() + _MARGIN, row.y() + _MARGIN, _SIDE, _SIDE)
        thumbnail = self._pictures.thumbnail(place)
        if thumbnail is None:
            painter.fillRect(frame, theme.current().chip)
            return
        size = thumbnail.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        inside = QRect(frame.topLeft(), size)
        inside.moveCenter(frame.center())
        painter.drawPixmap(inside, thumbnail)


def _paint_words(painter: QPainter, room: QRect, change: ImageChange) -> None:
    """Three lines: the effect and the damage; both answers; the file, or the truth."""
    colours = theme.current()
    shape, tone, word = EFFECTS[change.effect]
    line = room.height() // 3
    lines = [QRect(room.x(), room.y() + n * line, room.width(), line) for n in range(3)]
    painter.setFont(theme.font(theme.TINY))
    painter.setPen(getattr(colours, tone))
    painter.drawText(lines[0], Qt.AlignmentFlag.AlignVCenter, f"{shape} {word}")
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(lines[0], right, damage_words(change))
    painter.setPen(colours.ink)
    painter.setFont(theme.font(theme.SMALL, QFont.Weight.DemiBold))
    _cut(painter, lines[1], f"{change.a or '(nothing)'} → {change.b or '(nothing)'}")
    painter.setPen(colours.dim)
    painter.setFont(theme.font(theme.TINY))
    _cut(
        painter,
        lines[2],
        f"truth {change.truth} · {change.image}" if change.truth else change.image,
    )


def _cut(painter: QPainter, room: QRect, text: str) -> None:
    metrics = QFontMetrics(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
