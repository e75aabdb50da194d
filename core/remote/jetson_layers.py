"""Which layers of the model an engine on a Jetson spends its time in."""

from collections.abc import Callable

from core.errors import UserError
from core.remote.board_files import make_folder, remove
from core.remote.connection import Connection
from core.remote.jetson_identity import Jetson
from core.remote.jetson_timing import EngineContender
from core.runtimes.base import ExecutedLayer
from core.runtimes.origins import Origins
from core.tensorrt.commands import timing_command
from core.tensorrt.layer_names import executed_layers
from core.tensorrt.log import verdict_of
from core.tensorrt.outputs import engine_layers_of, profile_of
from core.tensorrt.settings import ResultFiles, TimingSettings

_SETTINGS = TimingSettings(seconds=1.0, cuda_graph=False)
"""A CUDA graph would hide the layers."""


def layers_on_board(
    connection: Connection,
    jetson: Jetson,
    contender: EngineContender,
    check_cancelled: Callable[[], None] = lambda: None,
) -> tuple[ExecutedLayer, ...]:
    """Every layer of the engine with its time and the model's layers behind it.

    Counted in a run of its own: counting costs time. Raises UserError when it cannot be counted.
    """
    version, trtexec = jetson.ready()
    record = contender.record
    folder = f"{connection.folder}/runs"
    make_folder(connection, folder)
    files = ResultFiles(
        profile=f"{folder}/{record.id}.profile.json", layers=f"{folder}/{record.id}.layers.json"
    )
    shapes = {name: sizes.best for name, sizes in record.settings.shapes.items()}
    settings = _SETTINGS.model_copy(update={"shapes": shapes, "dla": record.settings.dla})
    command = timing_command(version, record.file, settings, files, trtexec=trtexec)
    log: list[str] = []
    code = connection.start(command, log.append).wait(check_cancelled)
    verdict = verdict_of(log, "time", code)
    if not verdict.passed:
        raise UserError(
            "The times of the engine’s layers could not be counted.",
            " ".join(verdict.problems)[:600] or "trtexec gives no reason.",
            "The latency stands without them; build the engine anew to try again.",
        )
    assert files.profile is not None and files.layers is not None
    times = connection.read(files.profile) or ""
    engine = connection.read(files.layers)
    remove(connection, files.profile, files.layers)
    return executed_layers(
        profile_of(times), engine_layers_of(engine) if engine else None, Origins.of(contender.model)
    )
