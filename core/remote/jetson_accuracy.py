"""What an engine on a Jetson answers for given inputs, to be judged here by the same code.

JetPack has no program that feeds an engine many inputs, and nothing is installed on a Jetson, so
trtexec is started for every input (--loadInputs, --exportOutput). It takes seconds each time.
trtexec writes six digits of every number.
"""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.benchmark.sampling import Progress
from core.data.inputs import InputSet
from core.data.tensors import Tensors, TensorWriter
from core.errors import UserError
from core.formats import format_of
from core.remote.board_files import make_folder, remove
from core.remote.connection import Connection
from core.remote.jetson_conditions import check_same_boot, conditions_of
from core.remote.jetson_identity import Jetson
from core.runtimes.base import Port
from core.tensorrt.commands import answers_command
from core.tensorrt.ledger import EngineRecord
from core.tensorrt.log import verdict_of
from core.tensorrt.outputs import answers_of

if TYPE_CHECKING:
    import numpy as np

_COPY_SECONDS = 60.0


def answers_on_board(
    connection: Connection,
    jetson: Jetson,
    record: EngineRecord,
    *,
    model: Path,
    inputs: Path,
    outputs: Path,
    progress: Progress = lambda done, total, text: None,
    check_cancelled: Callable[[], None] = lambda: None,
) -> Tensors:
    """Give every input of `inputs` (what InputSet reads) to an engine; answers go to `outputs`.

    `model` is the ONNX file that the engine was built from. Raises UserError when the engine does
    not take the inputs, BoardError when the board fails.
    """
    graph = format_of(model).read_graph(model)
    ports = tuple(
        Port(tensor.name, tensor.dtype, tuple(_known(size) for size in tensor.shape or ()))
        for tensor in graph.inputs
    )
    names = [tensor.name for tensor in graph.outputs]
    feeds = InputSet(inputs).fitted(ports)
    unfinished = outputs.with_name(f"{outputs.name}.partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    before = conditions_of(connection)
    run = _Answering(connection, jetson, record, check_cancelled)
    try:
        with run, TensorWriter(unfinished) as writer:
            for index in range(len(feeds)):
                progress(index, len(feeds), "Asking the board")
                writer.append(run.ask(feeds[index], names))
        check_same_boot(before, conditions_of(connection), connection.board.name)
        shutil.rmtree(outputs, ignore_errors=True)
        unfinished.replace(outputs)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Tensors.read(outputs)


class _Answering:
    """Asks one engine; its files on the board lie in a folder that goes with it."""

    def __init__(
        self,
        connection: Connection,
        jetson: Jetson,
        record: EngineRecord,
        check_cancelled: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._version, self._trtexec = jetson.ready()
        self._record = record
        self._check_cancelled = check_cancelled
        self._folder = f"{connection.folder}/runs/{record.id}.inputs"
        self._answer = f"{self._folder}/answer.json"

    def __enter__(self) -> "_Answering":
        make_folder(self._connection, self._folder)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is None:
            remove(self._connection, self._folder)

    def ask(self, feeds: "Mapping[str, np.ndarray]", names: list[str]) -> "dict[str, np.ndarray]":
        """The outputs by the model's names, for one batch."""
        files = {name: f"{self._folder}/{number}.bin" for number, name in enumerate(feeds)}
        for name, values in feeds.items():
            self._write(files[name], values.tobytes())
        shapes = {name: tuple(feeds[name].shape) for name in self._record.settings.shapes}
        command = answers_command(
            self._version,
            self._record.file,
            files,
            self._answer,
            shapes=shapes,
            dla=self._record.settings.dla,
            trtexec=self._trtexec,
        )
        log: list[str] = []
        code = self._connection.start(command, log.append).wait(self._check_cancelled)
        verdict = verdict_of(log, "time", code)
        if not verdict.passed:
            raise UserError(
                "The engine on the board did not answer.",
                " ".join(verdict.problems)[:600] or "trtexec gives no reason.",
                "Build the engine anew on this board.",
            )
        return _arrays(self._fetched(), names)

    def _fetched(self) -> str:
        """As a file: the answer of a segmenter is larger than what a command may say."""
        with tempfile.TemporaryDirectory(prefix="edgewright-") as folder:
            local = Path(folder) / "answer.json"
            self._connection.get(self._answer, local)
            return local.read_text(encoding="utf-8", errors="replace")

    def _write(self, remote: str, content: bytes) -> None:
        """Over stdin: an input is small, and a copy with all its checks takes longer."""
        ran = self._connection.run(
            ["sh", "-c", 'cat >"$1"', "edgewright", remote], input=content, timeout=_COPY_SECONDS
        )
        if ran.rc:
            raise UserError(
                "An input could not be copied to the board.",
                f"It says: {ran.err.strip()[:300] or 'nothing'}.",
                "Check the free space of the board.",
            )


def _arrays(text: str, names: list[str]) -> "dict[str, np.ndarray]":
    """By the names of the model's outputs, in their order; raises UserError for others."""
    import numpy as np

    found = {
        answer.name: np.asarray(answer.values, dtype=np.float32).reshape(answer.dimensions)
        for answer in answers_of(text)
    }
    missing = [name for name in names if name not in found]
    if missing:
        raise UserError(
            "The engine on the board does not answer as the model does.",
            f"It gives no {', '.join(missing)}.",
            "Build the engine anew on this board.",
        )
    return {name: found[name] for name in names}


def _known(size: int | str | None) -> int | None:
    return size if isinstance(size, int) else None
