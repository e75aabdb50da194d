"""The area that shows the graph and turns mouse, wheel and keys into wishes."""

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from gui import theme
from gui.graph import navigation
from gui.graph.badge import Badge
from gui.graph.camera import STEP, Camera
from gui.graph.emphasis import Emphasis
from gui.graph.flight import Flight
from gui.graph.frames import close_button
from gui.graph.labels import Labels
from gui.graph.painter import GraphPainter, Marks, paint_ground
from gui.graph.scene import Scene
from gui.graph.shading import Shading
from gui.graph.view import View

DRAG_START = 4
"""Pixels that the mouse moves before a press becomes a drag."""
SETTLE_MS = 90
"""After the last change of zoom, before blurred boxes are drawn sharply."""
_ARROWS: dict[int, navigation.Direction] = {
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
}


class GraphSurface(QWidget):
    """Shows one scene at a time; decides nothing about what is selected or open."""

    picked = Signal(int)
    """The item that a click or an arrow key chose; −1 for the ground."""
    entered = Signal(int)
    """The item that was double-clicked, or on which Enter was pressed."""
    closed = Signal(int)
    """The group to close: its button or Backspace."""
    menu_wanted = Signal(int, QPoint)
    """The item (−1 for the ground) and the place on the screen where a menu is asked for."""
    camera_changed = Signal()
    failed = Signal(object)
    """An exception while painting, once per model; it is a defect."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Graph of the model")
        self.camera = Camera()
        self.margin = QRectF()
        """Parts of the widget that others cover are outside of this part."""
        self.marks = Marks()
        self._emphasis: Emphasis | None = None
        self._badges: Mapping[int, Badge] = {}
        self._labels: Labels | None = None
        self._scene: Scene | None = None
        self._shading: Shading | None = None
        self._painter: GraphPainter | None = None
        self._faulty = False
        self._pressed: QPointF | None = None
        self._dragging = False
        self._flight = Flight(self, self.set_camera)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.update)
        theme.changed.connect(self.repaint_boxes)

    @property
    def scene(self) -> Scene | None:
        return self._scene

    def show_model(self, labels: Labels | None) -> None:
        """Forget the model before; `labels` None shows only the ground."""
        self._flight.stop()
        self._labels = labels
        self._scene = self._shading = None
        self._painter = GraphPainter(labels) if labels else None
        self._faulty = False
        self.marks = Marks()
        self._emphasis, self._badges = None, {}
        self.update()

    def show_scene(self, scene: Scene, shading: Shading) -> None:
        """Boxes look as before where the shading is the same, but a scale may span others now."""
        coloured_alike = shading is self._shading and not shading.heat
        self._scene, self._shading = scene, shading
        if coloured_alike:
            self.update()
        else:
            self.repaint_boxes()

    def repaint_boxes(self) -> None:
        """After something changed what boxes look like."""
        if self._painter is not None:
            self._painter.forget()
        self.update()

    def mark(self, marks: Marks) -> None:
        if marks != self.marks:
            self.marks = marks
            self.update()

    def emphasize(self, emphasis: Emphasis | None) -> None:
        """Let some items stand out; None lets all be equal again."""
        self._emphasis = emphasis
        self.update()

    def set_badges(self, badges: Mapping[int, Badge]) -> None:
        """By item; they replace those before."""
        self._badges = badges
        self.update()

    def set_camera(self, camera: Camera) -> None:
        if self._scene is not None:
            camera = camera.kept(self._scene.bounds, QSizeF(self.size()))
        if camera.zoom != self.camera.zoom:
            self._settle.start()
        self.camera = camera
        if self._painter is not None:
            self._painter.rest(False)
        self.camera_changed.emit()
        self.update()

    def jump(self, camera: Camera) -> None:
        """Be there at once."""
        self._flight.stop()
        self.set_camera(camera)
        self._settle.stop()

    def fly(self, camera: Camera) -> None:
        """Go there smoothly."""
        self._flight.fly(self.camera, camera)

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        self._flight.stop()
        self.set_camera(self.camera.zoomed(factor, about or self.margin.center()))

    def view(self) -> View | None:
        if self._scene is None or self._shading is None:
            return None
        settled = not (self._settle.isActive() or self._flight.running)
        return View(
            self._scene,
            self._shading,
            self.camera,
            QSizeF(self.size()),
            settled,
            self._emphasis,
            self._badges,
            self.margin.top(),
        )

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        except Exception as error:  # a slot's edge: an open painter would crash the program
            self._faulty = True
            self.failed.emit(error)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        view = self.view()
        if view is None or self._painter is None or self._faulty:
            paint_ground(painter, QSizeF(self.size()), self.camera)
            return
        self._painter.paint(painter, view, self.marks)
        unfinished = self._painter.stale and view.settled
        self._painter.rest(unfinished)
        if unfinished:
            QTimer.singleShot(0, self, self.update)

    @override
    def sizeHint(self) -> QSize:
        return QSize(900, 600)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is in the middle across stays there; the upper edge keeps its place."""
        super().resizeEvent(event)
        wider = event.size().width() - event.oldSize().width()
        self.camera = self.camera.moved(-wider / 2, 0)
        self.camera_changed.emit()

    def _item_at(self, place: QPointF) -> int:
        """The box, or the frame by its header; −1 elsewhere."""
        if self._scene is None:
            return -1
        point = self.camera.to_scene(place)
        item = self._scene.item_at(point)
        if item is None or self._scene.box_row(item) >= 0:
            return -1 if item is None else item
        header = self._scene.header_at(point)
        return -1 if header is None else header

    def _close_button_at(self, place: QPointF) -> int:
        """The group whose closing button is at a place; −1 elsewhere."""
        group = self._item_at(place)
        if self._scene is None or group < 0 or self._scene.box_row(group) >= 0:
            return -1
        frame = self._scene.rectangle(group)
        hit = frame is not None and close_button(frame).contains(self.camera.to_scene(place))
        return group if hit else -1

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._flight.stop()
            self._pressed = event.position()
            self._dragging = False

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            self._hover(event.position())
            return
        way = event.position() - self._pressed
        if self._dragging or way.manhattanLength() > DRAG_START:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._pressed = event.position()
            self.set_camera(self.camera.moved(-way.x(), -way.y()))

    def _hover(self, place: QPointF) -> None:
        item = self._item_at(place)
        hand = Qt.CursorShape.PointingHandCursor if item >= 0 else Qt.CursorShape.ArrowCursor
        self.setCursor(hand)
        self.mark(Marks(self.marks.selected, item))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        dragged, self._pressed, self._dragging = self._dragging, None, False
        self._hover(event.position())
        if not dragged and event.button() == Qt.MouseButton.LeftButton:
            closing = self._close_button_at(event.position())
            if closing >= 0:
                self.closed.emit(closing)
            else:
                self.picked.emit(self._item_at(event.position()))

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        item = self._item_at(event.position())
        if item >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.entered.emit(item)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By mouse for what is under it, by the Menu key for what is selected."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.ask_for_menu()
        else:
            self.menu_wanted.emit(self._item_at(QPointF(event.pos())), event.globalPos())

    def ask_for_menu(self) -> None:
        """The menu of what is selected, beside it; without a selection the ground's."""
        item = self.marks.selected
        box = self._scene.rectangle(item) if self._scene is not None and item >= 0 else None
        place = self.camera.to_view(box.center()) if box is not None else self.margin.topLeft()
        seen = QRectF(self.rect()).contains(place)
        self.menu_wanted.emit(
            item, self.mapToGlobal((place if seen else self.margin.center()).toPoint())
        )

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self.mark(Marks(self.marks.selected))

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel zooms where the mouse is; two fingers on a pad move, with Ctrl they zoom."""
        fingers = event.pixelDelta()
        zooming = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not fingers.isNull() and not zooming:
            self._flight.stop()
            self.set_camera(self.camera.moved(-fingers.x(), -fingers.y()))
        else:
            self.zoom_by(STEP ** (event.angleDelta().y() / 120 / 1.5), event.position())
        event.accept()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        scene, key = self._scene, event.key()
        if scene is None:
            super().keyPressEvent(event)
        elif key in _ARROWS:
            self._walk(scene, _ARROWS[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.marks.selected >= 0:
                self.entered.emit(self.marks.selected)
        elif key == Qt.Key.Key_Backspace and self.marks.selected >= 0:
            self.closed.emit(int(scene.tree.parent[self.marks.selected]))
        elif key == Qt.Key.Key_Escape:
            self.picked.emit(-1)
        else:
            super().keyPressEvent(event)

    def _walk(self, scene: Scene, direction: navigation.Direction) -> None:
        here = self.marks.selected
        if here < 0 or scene.rectangle(here) is None:
            following = navigation.first_box(scene)
        else:
            following = navigation.neighbour(scene, here, direction)
        if following is not None:
            self.picked.emit(following)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._tip(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def _tip(self, place: QPoint, where: QPoint) -> None:
        item = self._item_at(QPointF(place))
        if item < 0 or self._labels is None:
            QToolTip.hideText()
            return
        # Qt takes what looks like HTML for HTML; names from a model must stay text.
        lines = escape(self._labels.tip(item)).replace("\n", "<br>")
        QToolTip.showText(where, f"<p style='white-space: pre'>{lines}</p>", self)
