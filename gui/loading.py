"""Loads a part of the window that is heavy to import beside the window's thread, then goes on."""

import importlib
import sys
from collections.abc import Callable

from gui.jobs import Errand

CHARTS = "gui.panels.chart"
"""Brings pyqtgraph, a third of a second."""
ADVISOR = "core.search.advisor"
"""Its data classes and the forecast's, a fifth of a second."""


def once_loaded(module: str, act: Callable[[], object]) -> None:
    """Call `act` on the window's thread as soon as `module` is imported; at once if it is."""
    if module in sys.modules:
        act()
        return
    errand = Errand(lambda: importlib.import_module(module))
    errand.done.connect(lambda _: act())
    errand.start()
