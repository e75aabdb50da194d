"""Argument lists for trtexec of any version; nothing here is ever a string for a shell.

The copies of one wish lie in `resources/tensorrt/versions`. What a version does not know is left
out or refused, because trtexec ends with “Unknown option”.
"""

from collections.abc import Iterator, Mapping

from core.errors import InputError
from core.tensorrt.dialects import Dialect, dialect_of
from core.tensorrt.settings import (
    PRECISION_LABELS,
    BuildSettings,
    ResultFiles,
    Shapes,
    TimingSettings,
)
from core.tensorrt.version import TensorRtVersion

TRTEXEC = "/usr/src/tensorrt/bin/trtexec"
"""Where JetPack puts it; it is on no PATH."""
_SEPARATORS = frozenset(":,'\\")
"""Signs that trtexec takes for the end of a name, also where that is quoted (8.2)."""


def build_command(
    version: TensorRtVersion,
    model: str,
    engine: str,
    settings: BuildSettings,
    *,
    layers: str | None = None,
    verbose: bool = False,
    trtexec: str = TRTEXEC,
) -> list[str]:
    """Build `engine` from the ONNX file `model` without timing it; both are paths on the board.

    `layers` is a file for what the engine consists of. Raises InputError for what this version
    cannot do.
    """
    dialect = dialect_of(version)
    command = [
        trtexec,
        f"--onnx={model}",
        f"--saveEngine={engine}",
        dialect.flags.build_only,
        "--profilingVerbosity=detailed",
        *_precision(dialect, settings),
        *_shape_ranges(settings.shapes),
        *_places(dialect, settings),
    ]
    if layers is not None:
        command.append(f"--exportLayerInfo={layers}")
    if verbose:
        command.append("--verbose")
    return command


def timing_command(
    version: TensorRtVersion,
    engine: str,
    settings: TimingSettings,
    results: ResultFiles,
    *,
    trtexec: str = TRTEXEC,
) -> list[str]:
    """Time an engine. The same settings give comparable numbers with every version."""
    dialect = dialect_of(version)
    flags = dialect.flags
    command = [
        trtexec,
        f"--loadEngine={engine}",
        f"--warmUp={settings.warm_up_ms}",
        f"--duration={settings.seconds:g}",
        f"--percentile={','.join(map(str, flags.percentiles))}",
        *_switch(flags.spin_wait, on=settings.spin_wait),
        *_switch(flags.cuda_graph, on=settings.cuda_graph),
        *_switch(flags.transfers, on=settings.transfers),
    ]
    if settings.inferences is not None:
        command.append(f"--iterations={settings.inferences}")
    if settings.streams > 1:
        command.append(flags.streams.format(streams=settings.streams))
    if settings.dla is not None:
        command.append(f"--useDLACore={settings.dla}")
    return [*command, *_fixed_shapes(settings.shapes), *_results(results)]


def answers_command(
    version: TensorRtVersion,
    engine: str,
    inputs: Mapping[str, str],
    output: str,
    *,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    dla: int | None = None,
    trtexec: str = TRTEXEC,
) -> list[str]:
    """Run an engine once on given inputs: name to a file of raw values in the input's own type.

    `output` becomes a JSON file that `core.tensorrt.outputs.answers_of` reads.
    """
    flags = dialect_of(version).flags
    values = ",".join(f"{_name(name)}:{_file(file)}" for name, file in inputs.items())
    command = [
        trtexec,
        f"--loadEngine={engine}",
        f"--loadInputs={values}",
        f"--exportOutput={output}",
        "--iterations=1",
        "--duration=0",
        "--warmUp=0",
        *_switch(flags.transfers, on=True),
        *_switch(flags.cuda_graph, on=False),
    ]
    if dla is not None:
        command.append(f"--useDLACore={dla}")
    return [*command, *_fixed_shapes(shapes or {})]


def is_tellable(name: str) -> bool:
    """Whether trtexec can be told sizes or values of an input of this name."""
    return bool(name) and name.isprintable() and _SEPARATORS.isdisjoint(name)


def _precision(dialect: Dialect, settings: BuildSettings) -> Iterator[str]:
    label = PRECISION_LABELS[settings.precision]
    if settings.precision not in dialect.precisions:
        if dialect.strongly_typed:
            raise InputError(
                f"TensorRT {dialect.tensorrt.major} cannot be told to build “{label}”.",
                "It takes every type from the model itself.",
                "Convert the model with Edgewright first (FP16, or INT8 with Q/DQ), then build it "
                f"with “{PRECISION_LABELS['model']}”.",
            )
        known = ", ".join(PRECISION_LABELS[one] for one in dialect.precisions)
        raise InputError(
            f"TensorRT {dialect.version} has no “{label}”.",
            f"It has: {known}.",
            "Choose one of these, or a board with a newer JetPack.",
        )
    yield from dialect.precisions[settings.precision]
    if settings.sparsity:
        yield "--sparsity=enable"


def _places(dialect: Dialect, settings: BuildSettings) -> Iterator[str]:
    """Where layers run and what building may use."""
    if settings.dla is not None:
        yield f"--useDLACore={settings.dla}"
        if settings.gpu_fallback:
            yield "--allowGPUFallback"
    if settings.workspace_mb is not None:
        yield dialect.flags.workspace.format(mb=settings.workspace_mb)
    if settings.optimization_level is not None and dialect.flags.optimization_level:
        yield dialect.flags.optimization_level.format(level=settings.optimization_level)
    if settings.timing_cache is not None:
        yield f"--timingCacheFile={settings.timing_cache}"


def _shape_ranges(shapes: Shapes) -> Iterator[str]:
    if not shapes:
        return
    for flag, field in (("min", "smallest"), ("opt", "best"), ("max", "largest")):
        sizes = {name: getattr(given, field) for name, given in shapes.items()}
        yield f"--{flag}Shapes={_shape_list(sizes)}"


def _fixed_shapes(shapes: Mapping[str, tuple[int, ...]]) -> Iterator[str]:
    if shapes:
        yield f"--shapes={_shape_list(shapes)}"


def _shape_list(shapes: Mapping[str, tuple[int, ...]]) -> str:
    return ",".join(f"{_name(name)}:{'x'.join(map(str, sizes))}" for name, sizes in shapes.items())


def _results(files: ResultFiles) -> Iterator[str]:
    if files.times is not None:
        yield f"--exportTimes={files.times}"
    if files.layers is not None:
        yield "--profilingVerbosity=detailed"
        yield f"--exportLayerInfo={files.layers}"
    if files.profile is not None:
        # Counters cost time, and a CUDA graph hides layers: they get a run of their own.
        yield f"--exportProfile={files.profile}"
        yield "--separateProfileRun"


def _switch(words: tuple[str, str], *, on: bool) -> Iterator[str]:
    word = words[0] if on else words[1]
    if word:
        yield word


def _name(name: str) -> str:
    if is_tellable(name):
        return name
    raise InputError(
        f"trtexec cannot be told sizes or values of the input “{name[:80]}”.",
        "Its name holds a sign that trtexec takes for a separator.",
        "Rename the tensor in Edgewright first: right click, “Rename tensor”.",
    )


def _file(path: str) -> str:
    if is_tellable(path):
        return path
    raise InputError(
        f"trtexec cannot read the file “{path[:80]}”.",
        "Its name holds a sign that trtexec takes for a separator.",
        "Use another folder on the board.",
    )
