"""What a scan is asked to do."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.graph import ModelGraph
from core.plan.plan import Step
from core.techniques.base import Feeds

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class ScanWork:
    """Every layer that a setting can treat is treated alone, once for each setting."""

    model: Path
    """The working copy: every node carries its LayerId."""
    graph: ModelGraph
    settings: Mapping[str, Step]
    """By id. A step's default is what each layer is treated with; None there names no layer."""
    inputs: Mapping[str, Path]
    """Model input name to a .npy file, (samples, …) without the batch axis, one row per input."""
    images: int = 200
    """The most rows that are looked at."""
    calibration: Callable[[], Iterator[Feeds]] | None = None
    calibration_count: int = 0
    labels: "np.ndarray | None" = None
    """int64, (samples,); with them the report holds drops."""
    cache: Path | None = None
    """Folder in which figures are kept, so that a scan goes on where another one ended."""
    executor: Executor | None = None
    """Where the work is done; None does it in this process."""
