"""Edgewright's own window, told over stdin what to do and telling over stdout when it is seen.

Started by edgewright.py as a program of its own, so that its processes can be watched from
outside. Commands, one per line: `open PATH`, `expand`, `collapse`, `fold`, `block`,
`frames`, `picture PATH`, `quit`.
With the argument `cold` no worker waits with its imports done.
Each is answered by one line of JSON once the window has painted what was asked for.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from typing_extensions import override

import gui.before_qt  # noqa: F401  # isort: skip  # as gui.__main__ does

from PySide6.QtCore import QEvent, QObject, QPointF, QSettings, QSocketNotifier, QTimer
from viewing.figures import Frames

from core.layout import Tree
from gui.app import begin, make_application, make_window
from gui.graph.camera import Camera
from gui.graph.surface import GraphSurface

PAN_STEPS = 60
ZOOM_STEPS = 90
PAN_ZOOMS = (1.0, 0.36, 0.1)
POLLED = 10
"""Milliseconds between two looks; looking more often would itself be measured."""
SHOWN = 1000
"""Milliseconds after which a picture is taken: moving and fading are over by then."""


class Painted(QObject):
    """Knows which scene the surface painted last."""

    def __init__(self, surface: GraphSurface) -> None:
        super().__init__(surface)
        self.scene: object = None
        self._surface = surface
        surface.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.scene = self._surface.scene
        return False


class Program:
    """The window, and the one command that it works on."""

    def __init__(self, folder: Path) -> None:
        self.application = make_application()
        settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        self.window = make_window(settings, folder / "projects")
        self.canvas = self.window.graph_area.canvas
        self.surface = self.canvas.surface
        self._painted = Painted(self.surface)
        self.window.resize(1600, 1000)
        self.window.show()
        self._seen: object = None
        self._stdin = QSocketNotifier(0, QSocketNotifier.Type.Read)
        self._stdin.activated.connect(self._read)
        QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        if "cold" in sys.argv:
            gc.freeze()
            gc.enable()
        else:
            begin(self.window, ())
        self.answer("started")

    def _read(self) -> None:
        line = sys.stdin.readline()
        command, _, argument = line.strip().partition(" ")
        if command in ("", "quit"):
            self.window.close()
            self.application.quit()
            return
        self._seen = self.surface.scene
        getattr(self, f"do_{command}")(argument)

    def answer(self, what: object) -> None:
        sys.stdout.write(f"{json.dumps(what)}\n")
        sys.stdout.flush()

    def when_shown(self, then: Callable[[], None]) -> None:
        """Go on once another scene than the one before is on the screen; end where none comes.

        The window paints what has changed by itself; nothing is made to be painted again.
        """
        if (trouble := self.window.session.troubles.at("model")) is not None:
            sys.stderr.write(f"{trouble}\n")
            self.application.exit(1)
            return
        scene = self.surface.scene
        if scene is None or scene is self._seen or scene is not self._painted.scene:
            QTimer.singleShot(POLLED, lambda: self.when_shown(then))
            return
        self.application.processEvents()
        then()

    def do_open(self, path: str) -> None:
        self._seen = None
        self.window.session.open(Path(path))
        self.when_shown(lambda: self.answer("opened"))

    def do_expand(self, _: str) -> None:
        self.canvas.expand_all()
        self.when_shown(lambda: self.answer({"boxes": len(self.surface.scene.boxes)}))

    def do_collapse(self, _: str) -> None:
        self.canvas.collapse_all()
        self.when_shown(lambda: self.answer("collapsed"))

    def do_fold(self, _: str) -> None:
        """Open the first run of blocks that are folded into one box."""
        self._enter(lambda tree, group: tree.fold(group) > 0)

    def do_block(self, _: str) -> None:
        """Open the first closed group that is no such run."""
        self._enter(lambda tree, group: tree.fold(group) == 0)

    def _enter(self, wanted: Callable[[Tree, int], bool]) -> None:
        """As a double click does; the answer is null where there is nothing to open."""
        scene = self.surface.scene
        closed = (item for item in scene.boxes.items.tolist() if scene.tree.is_group(item))
        chosen = next((group for group in closed if wanted(scene.tree, group)), None)
        if chosen is None:
            self.answer(None)
            return
        self.surface.entered.emit(chosen)
        self.when_shown(lambda: self.answer("shown"))

    def do_picture(self, path: str) -> None:
        def take() -> None:
            self.window.grab().save(path)
            self.answer("taken")

        QTimer.singleShot(SHOWN, take)

    def do_frames(self, _: str) -> None:
        """Milliseconds of processor time per frame, moving and zooming through the drawing."""
        frames = {
            "pan": [self._frame(camera) for camera in self._pans()],
            "zoom": [self._frame(camera) for camera in self._zooms()],
        }
        found = {kind: Frames.of(times) for kind, times in frames.items()}
        self.answer({kind: vars(each) for kind, each in found.items() if each})

    def _frame(self, camera: Camera) -> float:
        began = time.process_time()
        self.surface.set_camera(camera)
        self.surface.repaint()
        return 1000 * (time.process_time() - began)

    def _pans(self) -> Iterator[Camera]:
        """Down from a third of the drawing, as a turning wheel moves it, at three sizes."""
        scene, margin = self.surface.scene, self.surface.margin
        start = QPointF(scene.spine, scene.bounds.height() / 3)
        for zoom in PAN_ZOOMS:
            camera = Camera(zoom=zoom).centred(start, margin)
            for _ in range(PAN_STEPS):
                camera = camera.moved(3, 40)
                yield camera

    def _zooms(self) -> Iterator[Camera]:
        """From everything to more than full size, and back."""
        scene, margin = self.surface.scene, self.surface.margin
        whole = Camera().fitted(scene.bounds, margin)
        near = Camera(zoom=1.5).centred(QPointF(scene.spine, scene.bounds.height() / 3), margin)
        shares = [step / ZOOM_STEPS for step in range(ZOOM_STEPS + 1)]
        yield from (whole.between(near, share) for share in [*shares, *reversed(shares)])


def main() -> int:
    gc.disable()  # as gui.__main__ does
    program = Program(Path(sys.argv[1]))
    return program.application.exec()


if __name__ == "__main__":
    raise SystemExit(main())
