"""TensorRT on this computer's NVIDIA GPU, where its Python library is installed."""

import importlib
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import ClassVar

from core.devices.device_nodes import nvidia_driver
from core.devices.nvidia_queries import nvidia_gpus
from core.errors import UserError
from core.plan.plan import RuntimeChoice
from core.runtimes.base import Availability, Runtime, Session
from core.tensorrt.generations import Generation, generation_of
from core.tensorrt.settings import PRECISION_LABELS
from core.tensorrt.version import TensorRtVersion

_MODULE = "tensorrt"
_PACKAGES = ("tensorrt", "tensorrt-cu13", "tensorrt-cu12", "tensorrt-cu11", "nvidia-tensorrt")
_ELSEWHERE = ("f16", *(name for name in PRECISION_LABELS if name != "f16"))
"""Where it is not installed here a board can be told any; what its version takes is told there."""
_MISSING = (
    "TensorRT’s Python library is not installed. It comes from NVIDIA: install TensorRT with its "
    "wheel for this Python, or “pip install tensorrt --extra-index-url” with NVIDIA’s own index."
)


class TensorRt(Runtime):
    """NVIDIA's own; builds an engine for the GPU that is there."""

    name: ClassVar[str] = "tensorrt"
    label: ClassVar[str] = "TensorRT"
    device_kind: ClassVar[str] = "nvidia-gpu"

    def availability(self) -> Availability:
        if not nvidia_driver():
            return Availability(reason="There is no NVIDIA GPU, or its driver is not loaded.")
        if util.find_spec(_MODULE) is None:
            return Availability(reason=_MISSING)
        version = installed_version()
        if version is None or generation_of(version) is None:
            return Availability(
                reason=f"TensorRT {version or 'of an unknown version'} is installed; "
                "Edgewright uses 8.2 and later. Update TensorRT."
            )
        return Availability(version=str(version))

    def load_library(self) -> None:
        _generation()

    def precisions(self) -> tuple[str, ...]:
        version = installed_version()
        known = generation_of(version) if version is not None else None
        return known.precisions if known is not None else _ELSEWHERE

    def compile(self, model: Path, choice: RuntimeChoice, *, profile: bool = False) -> Session:
        from core.tensorrt.cuda import CudaDriver
        from core.tensorrt.local import LocalTensorRt

        self.check(choice)
        local = LocalTensorRt(_generation(), CudaDriver(self.device_number), _timing_cache())
        return local.compile(model, choice, profile=profile)


def installed_version() -> TensorRtVersion | None:
    """The version of the installed package, found out without importing it."""
    for package in _PACKAGES:
        try:
            return TensorRtVersion.parse(metadata.version(package))
        except (metadata.PackageNotFoundError, UserError):
            continue
    return None


@cache
def _generation() -> Generation:
    """The library, imported, and the way to use it. Raises UserError."""
    try:
        library = importlib.import_module(_MODULE)
    except (ImportError, OSError) as error:
        raise UserError(
            "TensorRT could not be loaded.",
            f"{error}.",
            "Check that its version fits the driver and CUDA that are installed.",
        ) from error
    known = generation_of(TensorRtVersion.parse(str(library.__version__)))
    assert known is not None, "availability checks the version"
    return known(library)


def _timing_cache() -> Path:
    import platformdirs

    from core.tensorrt.timing_cache import cache_name

    folder = Path(platformdirs.user_cache_dir("edgewright", appauthor=False)) / "tensorrt"
    names = ", ".join(f"{gpu.name} {gpu.driver}" for gpu in nvidia_gpus())
    version = installed_version() or TensorRtVersion(0, 0)
    return folder / cache_name(version, names, "")
