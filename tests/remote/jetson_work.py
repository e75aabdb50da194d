"""What tests of a Jetson share: contenders, and a bench that does not take long."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.benchmark.contender_process import Contender
from core.plan.plan import RuntimeChoice
from core.remote.connection import Connection
from core.remote.jetson_engine import build_engine
from core.remote.jetson_identity import look_at
from core.remote.jetson_timing import EngineContender, EngineTimes, time_engines
from core.tensorrt.settings import BuildSettings, TimingSettings

SETTINGS = TimingSettings(seconds=0.5, warm_up_ms=0)
F32 = BuildSettings(precision="f32")
F16 = BuildSettings(precision="f16")


def contender(model: Path, precision: str = "auto") -> Contender:
    choice = RuntimeChoice(runtime="tensorrt", precision=precision)
    return Contender(id=precision, label=precision.upper(), model=model, choice=choice)


def built(
    connection: Connection, model: Path, settings: Mapping[str, BuildSettings]
) -> list[EngineContender]:
    """Engines of one model, one for each name."""
    jetson = look_at(connection)
    return [
        EngineContender(name, name, model, build_engine(connection, jetson, model, wanted))
        for name, wanted in settings.items()
    ]


def timed(
    connection: Connection,
    engines: Sequence[EngineContender],
    *,
    rounds: int = 3,
    progress: Callable[[float, float, str], None] = lambda done, total, text: None,
) -> EngineTimes:
    jetson = look_at(connection)
    return time_engines(connection, jetson, engines, SETTINGS, rounds=rounds, progress=progress)
