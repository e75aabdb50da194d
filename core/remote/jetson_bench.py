"""Measures models on a Jetson: builds what is missing, times all in turns, counts their layers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.benchmark.contender_process import Contender
from core.benchmark.protocol import PROCESSES
from core.benchmark.results import BenchmarkResult
from core.benchmark.samples import Samples
from core.benchmark.sampling import Progress
from core.devices.profile_words import runtime_words
from core.errors import BoardError, InputError, UserError
from core.formats import format_of
from core.plan.plan import RuntimeChoice
from core.remote.connection import Connection
from core.remote.jetson_engine import build_engine, find_engine
from core.remote.jetson_files import upload_model
from core.remote.jetson_identity import Jetson, look_at
from core.remote.jetson_layers import layers_on_board
from core.remote.jetson_power import PowerWish, held_power, put_back, unfinished
from core.remote.jetson_results import Conversion
from core.remote.jetson_timing import EngineContender, time_engines
from core.remote.passwords import stored_password
from core.runtimes.base import ExecutedLayer
from core.tensorrt.dialects import dialect_of
from core.tensorrt.forecast_build import forecast_build
from core.tensorrt.ledger import EngineRecord
from core.tensorrt.settings import BuildSettings, EnginePrecision, ShapeRange, TimingSettings

RUNTIME = "tensorrt"
_BLOCKS_OF_A_RUN = 4
"""A run of trtexec lasts as long as so many blocks of a runtime on this computer, or longer."""
_QUANTIZED = frozenset({"QuantizeLinear", "DequantizeLinear"})
_BUILD_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class JetsonBench:
    """How to measure on one board that is connected."""

    connection: Connection
    wish: PowerWish = field(default_factory=PowerWish)
    """What the person agreed to change on the board meanwhile."""
    password: str | None = field(default=None, repr=False)
    """Of sudo on the board, where changing something needs it."""
    timing: TimingSettings = field(default_factory=lambda: TimingSettings(seconds=3.0))
    progress: Progress = lambda done, total, text: None
    check_cancelled: Callable[[], None] = lambda: None
    on_log: Callable[[str], None] = lambda line: None
    """Gets trtexec's lines while engines are built, in the caller's thread."""

    def measure(
        self, contenders: Sequence[Contender], *, blocks: int = 20
    ) -> tuple[list[BenchmarkResult], Samples]:
        """The counterpart of core.benchmark.protocol.measure for engines on the board.

        A contender that cannot be built or run stands in `failures` of the samples; when all
        failed, the first failure is raised. Raises BoardError when the board fails: then no
        figure is given.
        """
        self._mend()
        jetson = look_at(self.connection)
        with held_power(self.connection, jetson, self.wish, self.password) as mode:
            # Cores, governors and the mode itself may be others now.
            jetson = look_at(self.connection) if not self.wish.empty else jetson
            failures: dict[str, UserError] = {}
            engines = self._engines(jetson, contenders, failures)
            if not engines:
                raise next(iter(failures.values()))
            times = time_engines(
                self.connection,
                jetson,
                engines,
                self._timing_of(contenders),
                rounds=max(PROCESSES, blocks // _BLOCKS_OF_A_RUN),
                progress=self._second_half,
                check_cancelled=self.check_cancelled,
            )
            choices = {contender.id: contender.choice for contender in contenders}
            conversion = Conversion(self.connection.board, jetson, mode, times)
            results = [
                conversion.result(timed, choices[id], self._layers(jetson, timed.contender))
                for id, timed in times.engines.items()
            ]
        told = {id: str(failure) for id, failure in failures.items()}
        samples = times.samples.model_copy(update={"failures": {**told, **times.samples.failures}})
        return results, samples

    def _mend(self) -> None:
        """Undo what an earlier measurement left behind when the board lost its power."""
        if unfinished(self.connection) is not None:
            password = self.password or stored_password(self.connection.board.id)
            put_back(self.connection, password)

    def _engines(
        self, jetson: Jetson, contenders: Sequence[Contender], failures: dict[str, UserError]
    ) -> list[EngineContender]:
        found: list[EngineContender] = []
        for number, contender in enumerate(contenders):
            try:
                record = self.engine(jetson, contender, number, len(contenders))
            except BoardError:
                raise
            except UserError as failure:
                failures[contender.id] = failure
                continue
            found.append(EngineContender(contender.id, contender.label, contender.model, record))
        return found

    def engine(
        self, jetson: Jetson, contender: Contender, number: int = 0, count: int = 1
    ) -> EngineRecord:
        """The engine of a contender, built if it is not there yet; the `number`th of `count`.

        Raises UserError when it cannot be built, BoardError when the board fails.
        """

        def progress(done: float, total: float, text: str) -> None:
            share = (number + done / total if total else number) / count
            words = f"{contender.label}: {text[:1].lower()}{text[1:]}"
            self.progress(_BUILD_SHARE * share, 1.0, words)

        settings = build_settings(jetson, contender)
        _, fingerprint = upload_model(self.connection, contender.model, progress)
        known = find_engine(self.connection, jetson, fingerprint, settings)
        return known or build_engine(
            self.connection,
            jetson,
            contender.model,
            settings,
            label=contender.label,
            forecast_seconds=_forecast_seconds(contender, settings),
            progress=progress,
            on_log=self.on_log,
            check_cancelled=self.check_cancelled,
        )

    def _layers(self, jetson: Jetson, contender: EngineContender) -> tuple[ExecutedLayer, ...]:
        """Empty where they cannot be counted: the latency stands without them."""
        try:
            return layers_on_board(self.connection, jetson, contender, self.check_cancelled)
        except BoardError:
            raise
        except UserError:
            return ()

    def _timing_of(self, contenders: Sequence[Contender]) -> TimingSettings:
        streams = max(contender.choice.streams for contender in contenders)
        return self.timing.model_copy(update={"streams": streams})

    def _second_half(self, done: float, total: float, text: str) -> None:
        share = done / total if total else 1.0
        self.progress(_BUILD_SHARE + (1 - _BUILD_SHARE) * share, 1.0, text)


def build_settings(jetson: Jetson, contender: Contender) -> BuildSettings:
    """How an engine is built for what a contender's choice asks. Raises InputError."""
    choice = contender.choice
    if choice.runtime != RUNTIME:
        raise InputError(
            f"A Jetson does not measure with {runtime_words(choice.runtime)}.",
            "Nothing is installed on it: it uses JetPack’s own TensorRT.",
            "Choose TensorRT for this board.",
        )
    return BuildSettings(precision=_precision(jetson, contender), shapes=_shapes(contender, choice))


def _precision(jetson: Jetson, contender: Contender) -> EnginePrecision:
    """What “auto” means: the model's own types where it can be told no others, INT8 for a
    quantized model, else FP16, which is twice as fast as FP32 on every Jetson."""
    version, _ = jetson.ready()
    dialect = dialect_of(version)
    asked = contender.choice.precision
    if asked != "auto":
        for known in dialect.precisions:
            if known == asked:
                return known
        raise InputError(
            f"TensorRT {version} on the board does not compute in {asked}.",
            f"It can be told: {', '.join(dialect.precisions)}.",
            "Choose one of these precisions.",
        )
    if dialect.strongly_typed:
        return "model"
    graph = format_of(contender.model).read_graph(contender.model)
    return "i8" if _QUANTIZED.intersection(graph.operators) else "f16"


def _shapes(contender: Contender, choice: RuntimeChoice) -> dict[str, ShapeRange]:
    """Inputs with a free first size get the batch that was asked for; other free sizes are 1."""
    found: dict[str, ShapeRange] = {}
    for tensor in format_of(contender.model).read_graph(contender.model).inputs:
        sizes = tensor.shape or ()
        if all(isinstance(size, int) for size in sizes):
            continue
        taken = tuple(
            size if isinstance(size, int) else choice.batch if axis == 0 else 1
            for axis, size in enumerate(sizes)
        )
        found[tensor.name] = ShapeRange(smallest=taken, best=taken, largest=taken)
    return found


def _forecast_seconds(contender: Contender, settings: BuildSettings) -> float:
    graph = format_of(contender.model).read_graph(contender.model)
    return forecast_build(graph, precision=settings.precision, embedded=True).seconds.value
