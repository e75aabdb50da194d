"""The tiny model as a working copy, its graph, and images for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.formats import read_graph
from core.model.graph import ModelGraph
from core.model.identity import stamp
from core.techniques.base import Feeds


@pytest.fixture
def source(tiny_model: Path, tmp_path: Path) -> Path:
    stamp(tiny_model, tmp_path / "working.onnx")
    return tmp_path / "working.onnx"


@pytest.fixture
def graph(source: Path) -> ModelGraph:
    return read_graph(source)


@pytest.fixture
def feeds() -> Callable[[], Iterator[Feeds]]:
    def images() -> Iterator[Feeds]:
        random = np.random.default_rng(5)
        for _ in range(4):
            yield {"image": random.normal(0, 1, (1, 3, 16, 16)).astype(np.float32)}

    return images
