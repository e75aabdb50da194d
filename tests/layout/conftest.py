"""Builds small graphs from a list of layers."""

from collections.abc import Callable, Sequence

import pytest

from core.model.graph import Layer, LayerId, ModelGraph, Tensor

LayerSpec = tuple[str, str, Sequence[str]]
"""Name, scope joined by “/”, and the names of the layers (or “image”) that feed it."""


def graph_of(specs: Sequence[LayerSpec], outputs: Sequence[str] = ()) -> ModelGraph:
    layers = tuple(
        Layer(
            id=LayerId(name),
            name=name,
            operator="Conv",
            domain="",
            scope=tuple(scope.split("/")) if scope else (),
            inputs=tuple(sources),
            outputs=(name,),
            weights=(),
            attributes={},
            parameters=10,
            weight_bytes=40,
            operations=1000,
            output_shape=(1, 8),
            output_dtype="float32",
        )
        for name, scope, sources in specs
    )
    return ModelGraph(
        name="made",
        format="onnx",
        version="ONNX opset 18",
        producer="tests",
        inputs=(Tensor("image", "float32", (1, 8)),),
        outputs=tuple(Tensor(name, "float32", (1, 8)) for name in outputs),
        layers=layers,
        tensors={},
        weights={},
        file_bytes=0,
        sha256="",
    )


@pytest.fixture(scope="session")
def make_graph() -> Callable[..., ModelGraph]:
    return graph_of


@pytest.fixture(scope="session")
def blocks() -> Callable[[int], ModelGraph]:
    """A model of residual blocks, each a scope of three layers, all wired alike."""

    def build(count: int) -> ModelGraph:
        specs: list[LayerSpec] = []
        last = "image"
        for block in range(count):
            one, two, three = (f"b{block}.{part}" for part in ("one", "two", "add"))
            scope = f"block.{block}"
            specs += [(one, scope, [last]), (two, scope, [one]), (three, scope, [two, last])]
            last = three
        return graph_of(specs, [last])

    return build
