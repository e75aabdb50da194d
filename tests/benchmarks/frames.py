"""Measures how models are laid out and painted; prints a table.

    python tests/benchmarks/frames.py MODEL …

Each model is drawn in a process of its own, on a widget of 1600 × 950 pixels without a screen.
Times are CPU times of that process: of the tree with its first drawing, of everything opened, of
opening one more block, of the first frame, which loads the fonts, and of the frames after it, while
a person moves and zooms over the whole drawing.
Crossings are counted for up to 3,000 lines.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 1600, 950
MOST_COUNTED = 3000
STEPS = 60


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("models", type=Path, nargs="+")
    options.add_argument("--one", action="store_true", help="print one model's figures as JSON")
    options.add_argument("--dark", action="store_true")
    chosen = options.parse_args()
    if chosen.one:
        write_line(json.dumps(measured(chosen.models[0], dark=chosen.dark)))
        return
    for path in chosen.models:
        command = [sys.executable, __file__, "--one", str(path), *(["--dark"] * chosen.dark)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures = json.loads(done.stdout)
        write_line("  ".join(f"{name} {value}" for name, value in figures.items()))


def measured(path: Path, *, dark: bool = False) -> dict[str, Any]:
    """Figures by name; times in milliseconds."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from core.formats import read_graph
    from core.layout import Memo, arrange, first_layout
    from core.layout.quality import crossings

    graph = read_graph(path)
    columns = graph.wires, graph.scope_column, graph.operators
    memo = Memo()
    first, first_time = timed(lambda: first_layout(graph, memo))
    tree = first.tree
    closed = sorted(tree.groups - first.drawing.expanded)
    block = frozenset(closed[:1]) | first.drawing.expanded
    _, block_time = timed(lambda: arrange(tree, block, memo))
    whole, whole_time = timed(lambda: arrange(tree, tree.groups, memo))
    before = peak()
    scene_time, (opening, *frames) = painted(graph, tree, whole, dark=dark)
    frames.sort()
    return {
        "model": path.stem[:24],
        "layers": len(columns[2]),
        "first": first_time,
        "block": block_time,
        "all": whole_time,
        "boxes": int((~whole.open).sum()),
        "size": "×".join(str(round(side)) for side in whole.size.tolist()),
        "crossings": crossings(whole) if whole.lines < MOST_COUNTED else "-",
        "scene": scene_time,
        "opening frame": opening,
        "p50": round(frames[len(frames) // 2], 1),
        "p95": round(frames[int(len(frames) * 0.95)], 1),
        "worst": round(frames[-1], 1),
        "MB": peak(),
        "painting MB": peak() - before,
    }


def painted(graph: Any, tree: Any, drawing: Any, *, dark: bool) -> tuple[float, list[float]]:
    """CPU time to show a drawing, and of each frame of a tour over it."""
    from PySide6.QtWidgets import QApplication, QWidget

    application = QApplication.instance() or QApplication([])
    from gui import theme
    from gui.graph.colouring import by_operator
    from gui.graph.labels import Labels
    from gui.graph.scene import Scene
    from gui.graph.shading import Shading
    from gui.graph.surface import GraphSurface

    theme.set_mode("dark" if dark else "light")
    window = QWidget()
    window.resize(WIDTH, HEIGHT)
    surface = GraphSurface(window)
    surface.resize(WIDTH, HEIGHT)
    window.show()
    application.processEvents()

    def show() -> None:
        scene = Scene(tree, drawing)
        shading = Shading(graph, tree, by_operator(graph))
        shading.look_at(scene.boxes.items)
        surface.show_model(Labels(graph, tree))
        surface.show_scene(scene, shading)

    _, shown = timed(show)
    frames: list[float] = []
    for camera in tour(drawing):
        surface.jump(camera)
        _, took = timed(surface.repaint)
        frames.append(took)
    return shown, frames


def tour(drawing: Any) -> Iterator[Any]:
    """Cameras: a way through the drawing at several zooms, and zooming in from all of it."""
    from PySide6.QtCore import QPointF, QRectF

    from gui.graph.camera import Camera

    across, down = drawing.size.tolist()
    view = QRectF(0, 0, WIDTH, HEIGHT)
    fit = Camera().fitted(QRectF(0, 0, across, down), view)
    for zoom in (1.0, 0.6, 0.35, 0.2, 0.1, 0.05):
        if zoom > fit.zoom:
            for step in range(STEPS):
                there = QPointF(across * (0.3 + 0.1 * step / STEPS), down * 0.3 + step * 40 / zoom)
                yield Camera(zoom=zoom).centred(there, view)
    for spot in ((0.5, 0.5), (0.12, 0.2)):
        for step in range(STEPS):
            zoom = fit.zoom * (1.5 / fit.zoom) ** (step / STEPS)
            yield Camera(zoom=zoom).centred(QPointF(across * spot[0], down * spot[1]), view)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and its CPU time in milliseconds."""
    start = time.process_time()
    found = work()
    return found, round((time.process_time() - start) * 1000, 1)


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def write_line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
