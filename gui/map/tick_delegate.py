"""The tick boxes of the map's table, as they look elsewhere; the whole cell can be pressed."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    Qt,
)
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem
from typing_extensions import override

from gui import theme
from gui.panels.inputs import BOX, draw_box

Index = QModelIndex | QPersistentModelIndex
_SOFT = 0.18
"""As the style sheet tints the other cells of a selected row."""
_CHECK = Qt.ItemDataRole.CheckStateRole


class TickDelegate(QStyledItemDelegate):
    """For a column in which cells have a check state and nothing else."""

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area = option.rect  # type: ignore[attr-defined]  # missing from PySide6's stubs
        state = option.state  # type: ignore[attr-defined]  # the same
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            colours = theme.current()
            painter.fillRect(area, theme.mix(colours.accent, colours.panel, _SOFT))
        checked = index.data(_CHECK)
        if checked is not None:
            left = area.center().x() - BOX / 2 + 0.5
            box = QRectF(left, area.center().y() - BOX / 2 + 1.5, BOX - 1, BOX - 1)
            draw_box(painter, box, checked=Qt.CheckState(checked) is Qt.CheckState.Checked)
        painter.restore()

    @override
    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        pressed = isinstance(event, QMouseEvent) and event.button() is Qt.MouseButton.LeftButton
        checked = index.data(_CHECK)
        if not pressed or event.type() is not QEvent.Type.MouseButtonRelease or checked is None:
            return False
        on = Qt.CheckState(checked) is Qt.CheckState.Checked
        return model.setData(
            index, Qt.CheckState.Unchecked if on else Qt.CheckState.Checked, _CHECK
        )
