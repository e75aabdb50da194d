"""The profiles as a list of cards, with a box to tick for comparing; painted, so that all come
at once."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)
from typing_extensions import override

from core.devices.profile import DeviceProfile
from core.devices.profile_words import brief
from gui import theme
from gui.panels.inputs import BOX, draw_box
from gui.panels.text import plain_tip

MOST_COMPARED = 4
_HEIGHT, _BETWEEN = 58, 6
_SOFT = 0.14
_TOP = QModelIndex()
_PROFILE, _CHIP = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class ProfileCardsModel(QAbstractListModel):
    """The profiles that are listed now, and those that are ticked, listed or not."""

    ticked = Signal()
    refused = Signal()
    """One more than can be compared was ticked."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: Sequence[DeviceProfile] = ()
        self.compared: tuple[str, ...] = ()
        self._chips: dict[str, str] = {}

    def show(self, profiles: Sequence[DeviceProfile], chips: dict[str, str]) -> None:
        """`chips`: id to a word beside the name."""
        self.beginResetModel()
        self.shown, self._chips = profiles, chips
        self.endResetModel()

    def toggle(self, id: str) -> None:
        if id in self.compared:
            self.compared = tuple(one for one in self.compared if one != id)
        elif len(self.compared) < MOST_COMPARED:
            self.compared = (*self.compared, id)
        else:
            self.refused.emit()
            return
        self.ticked.emit()
        self.dataChanged.emit(self.index(0), self.index(len(self.shown) - 1))

    def forget_ticks(self) -> None:
        self.compared = ()
        self.ticked.emit()
        self.dataChanged.emit(self.index(0), self.index(len(self.shown) - 1))

    def row_of(self, id: str) -> int | None:
        return next((row for row, one in enumerate(self.shown) if one.id == id), None)

    @override
    def rowCount(self, parent: Index = _TOP) -> int:
        return len(self.shown)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        profile = self.shown[index.row()]
        chip = self._chips.get(profile.id, "")
        if role == Qt.ItemDataRole.DisplayRole:
            return profile.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            compared = "compared" if profile.id in self.compared else ""
            return " · ".join(filter(None, (profile.name, brief(profile), chip, compared)))
        if role == Qt.ItemDataRole.CheckStateRole:
            on = profile.id in self.compared
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{profile.name}\n{brief(profile)}\nSpace or the box: compare")
        if role == _PROFILE:
            return profile
        return chip if role == _CHIP else None


class ProfileCards(QListView):
    """Arrow keys go from card to card, Space ticks, Enter chooses."""

    looked_at = Signal(object)
    """A DeviceProfile, or None where nothing is listed."""
    picked = Signal()
    """The current one shall be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.cards = ProfileCardsModel()
        self.setModel(self.cards)
        self.setItemDelegate(_CardDelegate(self))
        self.setAccessibleName("Device profiles")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.selectionModel().currentChanged.connect(self._tell)
        self.doubleClicked.connect(lambda _: self.picked.emit())

    @property
    def current(self) -> DeviceProfile | None:
        index = self.currentIndex()
        return index.data(_PROFILE) if index.isValid() else None

    def show_profiles(self, profiles: Sequence[DeviceProfile], chips: dict[str, str]) -> None:
        """The card that was looked at stays, where it is still listed."""
        before = self.current
        self.cards.show(profiles, chips)
        self.look_at(before.id if before else "")

    def look_at(self, id: str) -> None:
        """The card of this profile, else the first."""
        row = self.cards.row_of(id)
        if self.cards.rowCount():
            self.setCurrentIndex(self.cards.index(row or 0))
            self.scrollTo(self.currentIndex())
        else:
            self.looked_at.emit(None)

    def _tell(self, current: QModelIndex) -> None:
        self.looked_at.emit(current.data(_PROFILE) if current.isValid() else None)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.current
        if event.key() == Qt.Key.Key_Space and current is not None:
            self.cards.toggle(current.id)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current is not None:
            self.picked.emit()
        else:
            super().keyPressEvent(event)


class _CardDelegate(QStyledItemDelegate):
    """Paints a card and takes clicks on its box."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, _HEIGHT + _BETWEEN)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state = option.state  # type: ignore[attr-defined]  # missing from PySide6's stubs
        area = _card(option.rect)  # type: ignore[attr-defined]  # the same
        profile: DeviceProfile = index.data(_PROFILE)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        focused = chosen and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_surface(painter, area, chosen=chosen, focused=focused)
        ticked = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole))
        draw_box(painter, QRectF(_box(area)), checked=ticked is Qt.CheckState.Checked)
        self._paint_words(painter, area, profile, index.data(_CHIP))
        painter.restore()

    def _paint_surface(
        self, painter: QPainter, area: QRect, *, chosen: bool, focused: bool
    ) -> None:
        colours = theme.current()
        ground = theme.mix(colours.accent, colours.raised, _SOFT) if chosen else colours.raised
        painter.setBrush(ground)
        painter.setPen(QPen(colours.selection if chosen else colours.line, 2 if focused else 1))
        painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)

    def _paint_words(
        self, painter: QPainter, area: QRect, profile: DeviceProfile, chip: str
    ) -> None:
        colours = theme.current()
        words = area.adjusted(12, 8, -BOX - 24, -8)
        top = Qt.AlignmentFlag.AlignTop
        room = words.width()
        if chip:
            painter.setFont(theme.font(theme.TINY))
            width = QFontMetrics(painter.font()).horizontalAdvance(chip)
            painter.setPen(colours.accent)
            painter.drawText(words, int(top | Qt.AlignmentFlag.AlignRight), chip)
            room -= width + theme.GAP
        painter.setFont(theme.font(theme.BODY, QFont.Weight.DemiBold))
        painter.setPen(colours.ink)
        painter.drawText(words, int(top), _cut(painter, profile.name, room))
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(colours.dim)
        low = int(Qt.AlignmentFlag.AlignBottom)
        painter.drawText(words, low, _cut(painter, brief(profile), words.width()))

    @override
    def editorEvent(
        self, event: QEvent, model: Any, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if not isinstance(event, QMouseEvent) or event.type() is not QEvent.Type.MouseButtonRelease:
            return False
        box = _box(_card(option.rect))  # type: ignore[attr-defined]  # missing from the stubs
        if not box.adjusted(-8, -20, 12, 20).contains(event.position().toPoint()):
            return False
        model.toggle(index.data(_PROFILE).id)
        return True


def _card(row: QRect) -> QRect:
    return row.adjusted(0, 0, -4, -_BETWEEN)


def _box(card: QRect) -> QRect:
    return QRect(card.right() - BOX - 12, card.center().y() - BOX // 2 + 1, BOX - 1, BOX - 1)


def _cut(painter: QPainter, text: str, width: int) -> str:
    metrics = QFontMetrics(painter.font())
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
