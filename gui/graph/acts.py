"""What each command of the graph does."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from gui.graph.camera import STEP

if TYPE_CHECKING:
    from gui.graph.canvas import GraphCanvas


def acts_of(canvas: "GraphCanvas") -> dict[str, Callable[[], object]]:
    """By the names in gui.graph.commands."""
    return _finding_and_moving(canvas) | _following(canvas) | _keeping_and_showing(canvas)


def _finding_and_moving(canvas: "GraphCanvas") -> dict[str, Callable[[], object]]:
    stage, surface, search = canvas.stage, canvas.surface, canvas.chrome.bar.search
    return {
        "find": canvas.find,
        "next": search.step,
        "previous": lambda: search.step(forwards=False),
        "fit": stage.fit,
        "zoom_to": lambda: stage.zoom_to(stage.item),
        "in": lambda: surface.zoom_by(STEP),
        "out": lambda: surface.zoom_by(1 / STEP),
        "full": canvas.actual_size,
        "back": lambda: canvas.selecting.revisit(-1),
        "forward": lambda: canvas.selecting.revisit(1),
        "expand": stage.expand_all,
        "collapse": canvas.collapse_all,
        **{f"depth{depth}": partial(stage.expand_to, depth) for depth in (1, 2, 3)},
    }


def _following(canvas: "GraphCanvas") -> dict[str, Callable[[], object]]:
    guide = canvas.guide
    return {
        "producers": lambda: guide.choose_neighbour(before=True),
        "consumers": lambda: guide.choose_neighbour(before=False),
        "start": guide.mark_start,
        "paths": lambda: guide.trace("paths"),
        "before": lambda: guide.trace("before"),
        "after": lambda: guide.trace("after"),
        "end": canvas.selecting.end,
    }


def _keeping_and_showing(canvas: "GraphCanvas") -> dict[str, Callable[[], object]]:
    keeping, drawn = canvas.keeping, canvas.drawn
    return {
        "bookmark": keeping.toggle_bookmark,
        "bookmarks": lambda: canvas.menus.show_bookmarks(canvas.reveal),
        "copy_name": keeping.copy_name,
        "copy_text": keeping.copy_text,
        "picture": canvas.picture_requested.emit,
        "hide": drawn.hide_selected,
        "show_all": drawn.show_all,
        "quantization": drawn.toggle_quantization,
        "colours": canvas.choose_colours,
        "figures": canvas.figures_requested.emit,
        "menu": canvas.surface.ask_for_menu,
        "keys": canvas.show_keys,
    }
