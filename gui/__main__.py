"""The program: the window, or one of the commands, or one of its own child processes."""

import ctypes
import gc
import os
import runpy
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from core.errors import InputError
from core.processes import frozen_role

_UNSEEN_PLATFORMS = {"offscreen", "minimal"}
"""Qt draws there, but nobody sees it."""

SYSTEM_LIBRARIES = (
    "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxkbcommon-x11-0 "
    "libxcb-icccm4 libxcb-keysyms1 libxcb-shape0"
)
"""Debian packages that Qt needs and PySide6 does not bring."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if (module := frozen_role(arguments)) is not None:
        sys.argv = [module, *arguments[1:]]
        runpy.run_module(module, run_name="__main__")
        return 0
    if not _wants_window(arguments):
        return _run_command(arguments)
    gc.disable()  # nothing of what is imported now is garbage; gui.app turns it on again
    import_module("gui.before_qt")
    if (obstacle := _obstacle(seen=arguments[:1] == ["demo"])) is None:
        from gui.app import run

        return run(arguments)
    gc.enable()
    _say(obstacle)
    if arguments[:1] == ["demo"]:
        _say("Running the demonstration without a window.")
        return _run_command(["demo", "--headless"])
    return InputError.exit_code


def _run_command(arguments: list[str]) -> int:
    from core.__main__ import main as run_command
    from gui.draw_command import DrawCommand

    return run_command(arguments, more=(DrawCommand(),))


def _wants_window(arguments: list[str]) -> bool:
    """`edgewright`, `edgewright open MODEL` and a bare `edgewright demo`."""
    return arguments in ([], ["demo"]) or (len(arguments) == 2 and arguments[0] == "open")


def _obstacle(*, seen: bool) -> str | None:
    """Why no window can be shown, with the remedy, or None. `seen`: somebody must see it."""
    if not _has_display(seen):
        return (
            "The window cannot be shown: there is no display (DISPLAY and WAYLAND_DISPLAY are not "
            "set).\nUse the commands instead, for example: edgewright optimize --help"
        )
    missing = _missing_library()
    if missing is None:
        return None
    return (
        f"The window cannot be shown: a system library that Qt needs is missing ({missing}).\n"
        f"On Debian or Ubuntu: sudo apt-get install {SYSTEM_LIBRARIES}"
    )


def _has_display(seen: bool) -> bool:
    if not sys.platform.startswith("linux"):
        return True
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if platform in _UNSEEN_PLATFORMS:
        return not seen
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")) or bool(platform)


def _missing_library() -> str | None:
    """What the loader says when Qt cannot be loaded. Qt itself would abort the process."""
    try:
        from PySide6 import QtWidgets
    except ImportError as error:
        return str(error)
    wanted = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if not sys.platform.startswith("linux") or wanted not in ("", "xcb"):
        return None
    if not os.environ.get("DISPLAY"):
        return None
    plugin = Path(QtWidgets.__file__).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error)
    return None


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    raise SystemExit(main())
