"""Builds TensorRT engines on a Jetson, keeps its timing cache, and enters them in the ledger."""

import time
from collections.abc import Callable
from pathlib import Path

from core.benchmark.provenance import now_in_words
from core.benchmark.sampling import Progress
from core.errors import BoardError, EdgewrightError, UserError
from core.remote.board_files import is_there, make_folder, remove, size_of
from core.remote.connection import Connection
from core.remote.jetson_conditions import check_same_boot, conditions_of
from core.remote.jetson_files import upload_model
from core.remote.jetson_identity import Jetson
from core.tensorrt.commands import build_command
from core.tensorrt.ledger import EngineRecord, add_engine, ledger, new_engine_id, usable_on
from core.tensorrt.log import Phase, Verdict, phase_of, verdict_of
from core.tensorrt.settings import BuildSettings
from core.tensorrt.timing_cache import cache_name

_MOST_LINES = 50_000
_KILLED = (-9, 137)
_NO_MEMORY = ("OutOfMemory", "out of memory", "Cuda Runtime (out of memory)", "Killed")
_NO_ROOM = "No space left on device"
_SHORTEST_SECONDS = 10.0


def find_engine(
    connection: Connection, jetson: Jetson, fingerprint: str, settings: BuildSettings
) -> EngineRecord | None:
    """An engine in the ledger that was built so, runs here and is still there; None for none."""
    host = jetson.engine_host(connection.board)
    for record in ledger().of_model(fingerprint):
        alike = record.settings.model_copy(update={"timing_cache": None}) == settings
        # Kernels are chosen at the clocks of a power mode: in another one others may be faster.
        same_mode = record.host.power_mode == host.power_mode
        usable = alike and same_mode and usable_on(record, host, fingerprint).usable
        if usable and size_of(connection, record.file) == record.engine_bytes:
            return record
    return None


def build_engine(
    connection: Connection,
    jetson: Jetson,
    model: Path,
    settings: BuildSettings,
    *,
    label: str = "",
    forecast_seconds: float | None = None,
    progress: Progress = lambda done, total, text: None,
    on_log: Callable[[str], None] = lambda line: None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> EngineRecord:
    """Build an engine of an ONNX model; stopping it ends trtexec on the board.

    `on_log` gets trtexec's lines as they come, in the caller's thread. Raises UserError when it
    cannot be built, BoardError when the board fails.
    """
    version, trtexec = jetson.ready()
    remote_model, fingerprint = upload_model(connection, model, progress)
    build = _Build(
        connection,
        jetson,
        settings=settings,
        forecast_seconds=forecast_seconds,
        progress=progress,
        on_log=on_log,
    )
    command = build_command(
        version, remote_model, build.engine, build.settings, layers=build.layers, trtexec=trtexec
    )
    verdict, seconds = build.run(command, check_cancelled)
    return build.enter(
        model=model,
        fingerprint=fingerprint,
        label=label,
        command=command,
        verdict=verdict,
        seconds=seconds,
    )


class _Build:
    """One build with its files on the board."""

    def __init__(
        self,
        connection: Connection,
        jetson: Jetson,
        *,
        settings: BuildSettings,
        forecast_seconds: float | None,
        progress: Progress,
        on_log: Callable[[str], None],
    ) -> None:
        version, _ = jetson.ready()
        self._connection = connection
        self._host = jetson.engine_host(connection.board)
        self._forecast = forecast_seconds
        self._progress = progress
        self._on_log = on_log
        self._id = new_engine_id()
        self._phase = Phase(0.0, "Starting trtexec")
        self._began = time.monotonic()
        self._log: list[str] = []
        self._told = 0
        folder = connection.folder
        self._kept_cache = (
            f"{folder}/timing/{cache_name(version, self._host.module, self._host.power_mode)}"
        )
        self._cache = f"{folder}/timing/{self._id}.cache"
        self._final = f"{folder}/engines/{self._id}.engine"
        self.engine = f"{self._final}.partial"
        self.layers = f"{folder}/engines/{self._id}.layers.json"
        self.settings = settings.model_copy(update={"timing_cache": self._cache})

    def run(self, command: list[str], check_cancelled: Callable[[], None]) -> tuple[Verdict, float]:
        """What trtexec said at the end, and how long it took."""
        connection = self._connection
        for folder in ("timing", "engines"):
            make_folder(connection, f"{connection.folder}/{folder}")
        if is_there(connection, self._kept_cache):
            # A copy: what a build that is stopped leaves behind would spoil it.
            connection.run(["cp", "--", self._kept_cache, self._cache])
        before = conditions_of(connection)
        self._began = time.monotonic()
        try:
            process = connection.start(command, self._take)
            code = process.wait(lambda: self._tell(check_cancelled))
            self._tell_log()
            check_same_boot(before, conditions_of(connection), connection.board.name)
            verdict = verdict_of(self._log, "build", code)
            if not verdict.passed:
                raise _failure(verdict, code, self._log)
        except BaseException:
            self._tidy()
            raise
        return verdict, time.monotonic() - self._began

    def enter(
        self,
        *,
        model: Path,
        fingerprint: str,
        label: str,
        command: list[str],
        verdict: Verdict,
        seconds: float,
    ) -> EngineRecord:
        """Publish the engine under its name, and enter it in the ledger."""
        connection = self._connection
        connection.run(["mv", "-f", "--", self.engine, self._final])
        if is_there(connection, self._cache):
            connection.run(["mv", "-f", "--", self._cache, self._kept_cache])
        record = EngineRecord(
            id=self._id,
            host=self._host,
            model_name=model.name,
            model_sha256=fingerprint,
            label=label,
            settings=self.settings,
            command=tuple(command),
            built_at=now_in_words(),
            build_seconds=verdict.build_seconds or seconds,
            forecast_seconds=self._forecast or 0.0,
            engine_bytes=size_of(connection, self._final) or verdict.engine_bytes or 0,
            file=self._final,
            layers_file=self.layers if is_there(connection, self.layers) else "",
            on_dla=verdict.on_dla,
            on_gpu=verdict.on_gpu,
        )
        add_engine(record)
        return record

    def _take(self, line: str) -> None:
        if len(self._log) < _MOST_LINES:
            self._log.append(line)
        if (phase := phase_of(line)) is not None:
            self._phase = phase

    def _tell(self, check_cancelled: Callable[[], None]) -> None:
        """Choosing kernels says nothing for most of the time: there the forecast leads."""
        check_cancelled()
        self._tell_log()
        share = self._phase.share
        if self._forecast:
            gone = (time.monotonic() - self._began) / max(self._forecast, _SHORTEST_SECONDS)
            share = max(share, min(gone, 0.95))
        self._progress(share, 1.0, self._phase.text)

    def _tell_log(self) -> None:
        new = self._log[self._told :]
        self._told += len(new)
        for line in new:
            self._on_log(line)

    def _tidy(self) -> None:
        try:
            remove(self._connection, self.engine, self.layers, self._cache)
        except EdgewrightError:
            return  # stopped, or the board is gone: its folder is tidied at another time


def _failure(verdict: Verdict, code: int, log: list[str]) -> UserError:
    text = "\n".join(log[-2000:])
    if _NO_ROOM in text:
        return BoardError(
            "The engine could not be saved on the board.",
            "Its disk is full.",
            "Delete files on the board. Engines lie in ~/.edgewright/engines; what is still needed "
            "of them is built again.",
        )
    if code in _KILLED or any(words in text for words in _NO_MEMORY):
        return BoardError(
            "The engine could not be built: the board ran out of memory.",
            "Choosing kernels needs several times the memory of the model.",
            "Close other programs there, add swap, give trtexec less scratch memory, or build a "
            "smaller model.",
        )
    if verdict.unknown_options:
        options = ", ".join(verdict.unknown_options)
        return BoardError(
            "The board’s trtexec does not know what it was asked.",
            f"It does not know {options}; it says that it is TensorRT {verdict.version}.",
            "Check the board again, so that Edgewright learns which TensorRT it has.",
        )
    said = " ".join(verdict.problems)[:600]
    return UserError(
        "TensorRT could not build an engine of this model.",
        said or "It gives no reason.",
        "Let the pre-flight doctor look at the model, which names the layers that this version "
        "cannot take and how to mend them.",
    )
