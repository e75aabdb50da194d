"""TensorRT's own parser, from the optional component tensorrt-rtx, in a process of its own.

TensorRT for RTX parses and builds on a computer without a GPU. Its engines are for desktop GPUs,
never for a Jetson; its parser is that of TensorRT 10 and 11: a verdict worth having beforehand.
NVIDIA's licence does not let us hand it on: pip fetches it.
"""

import contextlib
import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, cast

from core.errors import InputError, UserError
from core.processes import death_in_words
from core.tensorrt.preflight_report import ParserNode, ParserVerdict
from core.tensorrt.settings import Shapes

COMPONENT = "tensorrt-rtx"
"""The extra of this program that brings the parser."""
_MODULE = "tensorrt_rtx"
_PROGRAM = "ask_parser.py.txt"
_TICK = 0.2
_MOST_MESSAGES = 200
"""Of one kind; a hostile model could make the parser say any number of things."""


def parser_python(chosen: Path | None = None) -> Path:
    """The interpreter that has the parser. Raises InputError that says how to get one."""
    if chosen is not None:
        if chosen.is_file() and os.access(chosen, os.X_OK):
            return chosen.absolute()
        raise InputError(
            f"“{chosen}” is no Python interpreter.",
            "It is no file that can be run.",
            "Choose the file called python in the environment that has tensorrt-rtx.",
        )
    if getattr(sys, "frozen", False) or importlib.util.find_spec(_MODULE) is None:
        raise _missing()
    return Path(sys.executable)


def ask_parser(
    model: Path,
    *,
    python: Path,
    scratch: Path,
    shapes: Shapes | None = None,
    build_for: Sequence[str] = (),
    progress: Callable[[str], None] = lambda text: None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> ParserVerdict:
    """Let the parser read a model, and build engines for GPUs that are not there.

    `build_for` are compute capabilities such as “8.6”; `shapes` is needed for free sizes then.
    `scratch` is a folder for its log. Raises UserError when the parser is missing or crashes.
    """
    request = {
        "model": str(model.absolute()),
        "build_for": list(build_for),
        "shapes": {
            name: (given.smallest, given.best, given.largest)
            for name, given in (shapes or {}).items()
        },
    }
    heard = _Heard(progress)
    log = scratch / "parser.log"
    with _started(python, json.dumps(request), log) as process:
        for message in _messages(process, check_cancelled):
            heard.take(message)
        code = process.wait()
    if code != 0 and not heard.building:
        raise _crashed(model, code, log)
    return heard.verdict(code)


@dataclass
class _Heard:
    """Puts together what the program says."""

    progress: Callable[[str], None]
    building: str = ""
    _version: str = ""
    _accepted: bool = False
    _layers: int = 0
    _refused: list[ParserNode] = field(default_factory=list[ParserNode])
    _said: dict[str, list[str]] = field(default_factory=lambda: {"warning": [], "error": []})
    _built: dict[str, bool] = field(default_factory=dict[str, bool])
    _seconds: dict[str, float] = field(default_factory=dict[str, float])
    _bytes: dict[str, int] = field(default_factory=dict[str, int])

    def take(self, message: dict[str, Any]) -> None:
        match message:
            case {"missing": _}:
                raise _missing()
            case {"version": str(version)}:
                self._version = version
                self.progress("The parser reads the model")
            case {"refused": str(said), "name": str(name), "operator": str(operator)}:
                if len(self._refused) < _MOST_MESSAGES:
                    self._refused.append(ParserNode(name=name, operator=operator, said=said))
            case {"accepted": bool(accepted), "layers": int(layers)}:
                self._accepted, self._layers = accepted, layers
            case {"log": "warning" | "error" as level, "text": str(text)}:
                self._log(level, text)
            case {"building": str(capability)}:
                self.building = capability
                self.progress(f"Building for compute capability {capability}")
            case {"built": str(capability), "seconds": seconds, "bytes": size}:
                self._end_build(capability, seconds, size)
            case _:
                pass

    def _log(self, level: str, text: str) -> None:
        said = self._said[level]
        if text not in said and len(said) < _MOST_MESSAGES:
            said.append(text)

    def _end_build(self, capability: str, seconds: float | None, size: int | None) -> None:
        self._built[capability] = seconds is not None
        if seconds is not None:
            self._seconds[capability] = seconds
        if size is not None:
            self._bytes[capability] = size
        self.building = ""

    def verdict(self, code: int) -> ParserVerdict:
        if self.building:  # the process died while it built
            self._built[self.building] = False
            self._log("error", f"The process {death_in_words(code)} while it built.")
        return ParserVerdict(
            version=self._version,
            accepted=self._accepted,
            refused=tuple(self._refused),
            warnings=tuple(self._said["warning"]),
            errors=tuple(self._said["error"]),
            layers=self._layers,
            built=self._built,
            build_seconds=self._seconds,
            engine_bytes=self._bytes,
        )


@contextmanager
def _started(python: Path, argument: str, log: Path) -> "Generator[subprocess.Popen[str]]":
    program = files("resources") / "tensorrt" / _PROGRAM
    with as_file(program) as path, log.open("wb") as errors:
        process = subprocess.Popen(
            [str(python), "-I", str(path), argument],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _messages(
    process: "subprocess.Popen[str]", check_cancelled: Callable[[], None]
) -> Iterator[dict[str, Any]]:
    """What the program says, line by line, until it closes its output."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(process, lines), daemon=True).start()
    while True:
        check_cancelled()
        try:
            line = lines.get(timeout=_TICK)
        except queue.Empty:
            continue
        if not line:
            return
        with contextlib.suppress(ValueError):
            message = json.loads(line)
            if isinstance(message, dict):
                yield cast("dict[str, Any]", message)


def _listen(process: "subprocess.Popen[str]", lines: "queue.SimpleQueue[str]") -> None:
    assert process.stdout is not None
    with contextlib.suppress(ValueError, OSError):  # closed when the parser is stopped
        for line in process.stdout:
            lines.put(line)
    lines.put("")


def _missing() -> InputError:
    return InputError(
        "TensorRT’s own parser was not asked.",
        "The component tensorrt-rtx is not installed (220 MB, NVIDIA’s licence).",
        f"Add it with “pip install edgewright[{COMPONENT}]”, or choose a Python that has it "
        "(on the command line “--python FILE”).",
    )


def _crashed(model: Path, code: int, log: Path) -> UserError:
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = f" Its last words: {said[-1][:300]}" if said else ""
    return UserError(
        f"TensorRT’s parser could not look at {model.name}.",
        f"Its process {death_in_words(code)}.{last}",
        "Check that the file is a whole ONNX model; the other checks do not need the parser.",
    )
