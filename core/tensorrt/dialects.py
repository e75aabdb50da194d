"""What each version's trtexec takes: options, defaults and precisions, read from resources."""

import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from core.errors import InputError
from core.tensorrt.settings import EnginePrecision
from core.tensorrt.version import TensorRtVersion


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Flags(_Data):
    """How the same wish is written; “{…}” stands for a number."""

    workspace: str
    """{mb}: the most MiB that layers may use for scratch."""
    build_only: str
    optimization_level: str = ""
    """{level}, 0 to 5; empty where the version has none."""
    streams: str
    """{streams}: inferences at the same time."""
    spin_wait: tuple[str, str]
    """For on and off; empty where that is the default, which version 11 turned round."""
    cuda_graph: tuple[str, str]
    transfers: tuple[str, str]
    percentiles: tuple[int, ...]
    """Those that it can be asked for at once."""


class Dialect(_Data):
    """One version's trtexec."""

    version: str
    recorded: bool
    """Whether its options were read at the version's tag, not derived from its neighbours."""
    jetpack: str
    """Which JetPack brings it; empty for none."""
    first_opset: int
    last_opset: int
    """ONNX opsets that its parser takes."""
    strongly_typed: bool
    """Whether types come from the model alone: no precision can be asked for."""
    options: str
    """Every option that it knows, without the dashes."""
    flags: Flags
    precisions: Mapping[EnginePrecision, tuple[str, ...]]
    """To the flags that allow it. INT8 and FP8 are always by Q/DQ."""

    @cached_property
    def tensorrt(self) -> TensorRtVersion:
        return TensorRtVersion.parse(self.version)

    @cached_property
    def known_options(self) -> frozenset[str]:
        """With their dashes."""
        return frozenset(f"--{name}" for name in self.options.split())


@cache
def dialects() -> tuple[Dialect, ...]:
    """All that are known, the oldest first."""
    folder = files("resources") / "tensorrt" / "versions"
    found = [
        Dialect.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return tuple(sorted(found, key=lambda dialect: dialect.tensorrt))


def dialect_of(version: TensorRtVersion) -> Dialect:
    """The dialect of a version, else of the newest before it. Raises InputError for older ones."""
    fitting = [one for one in dialects() if one.tensorrt[:2] <= version[:2]]
    if fitting:
        return fitting[-1]
    oldest = dialects()[0]
    raise InputError(
        f"TensorRT {version} is too old.",
        f"Edgewright speaks with TensorRT {oldest.tensorrt.major}.{oldest.tensorrt.minor} and "
        "later, which can tell the time of each layer.",
        f"Update the board to JetPack {oldest.jetpack.split()[0]} or later.",
    )
