"""The memory of values between layers, against a plain simulation."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.graph import Dimension, Layer, LayerId, ModelGraph, Tensor
from core.model.memory import memory_over_time

Node = tuple[tuple[int, ...], tuple[Dimension, ...] | None]
"""The layers that it takes from (−1 is the model's input), and the shape that it makes."""


def graph_of(nodes: Sequence[Node], outputs: Sequence[int]) -> ModelGraph:
    """One layer per node, each making float32 values; the input has 10 of them."""
    tensors = {"t-1": Tensor("t-1", "float32", (10,))}
    tensors |= {f"t{i}": Tensor(f"t{i}", "float32", shape) for i, (_, shape) in enumerate(nodes)}
    layers = tuple(
        Layer(
            id=LayerId(f"n{i}"),
            name=f"n{i}",
            operator="Op",
            domain="",
            scope=(),
            inputs=tuple(f"t{source}" for source in sources),
            outputs=(f"t{i}",),
            weights=(),
            attributes={},
            parameters=0,
            weight_bytes=0,
            operations=None,
            output_shape=shape,
            output_dtype="float32",
        )
        for i, (sources, shape) in enumerate(nodes)
    )
    return ModelGraph(
        name="m",
        format="test",
        version="",
        producer="",
        inputs=(tensors["t-1"],),
        outputs=tuple(tensors[f"t{i}"] for i in outputs),
        layers=layers,
        tensors=tensors,
        weights={},
        file_bytes=0,
        sha256="",
    )


def test_that_a_value_lives_until_its_last_use() -> None:
    nodes: list[Node] = [((-1,), (100,)), ((0,), (20,)), ((1,), (20,)), ((2, 0), (5,))]

    memory = memory_over_time(graph_of(nodes, outputs=[3]))

    assert memory.live.tolist() == [4 * 110, 4 * 120, 4 * 140, 4 * 125]
    assert (memory.peak, memory.peak_layer) == (560, 2)


def test_that_an_output_lives_to_the_end_and_what_nobody_takes_for_one_step() -> None:
    nodes: list[Node] = [((-1,), (100,)), ((-1,), (7,)), ((-1,), (1,))]

    memory = memory_over_time(graph_of(nodes, outputs=[0]))

    assert memory.live.tolist() == [4 * 110, 4 * 117, 4 * 111]


def test_that_unknown_sizes_count_as_one_and_unknown_ranks_not_at_all() -> None:
    nodes: list[Node] = [((-1,), ("batch", 3)), ((0,), (None, 2)), ((1,), None)]

    memory = memory_over_time(graph_of(nodes, outputs=[2]))

    assert memory.live.tolist() == [4 * 13, 4 * 5, 4 * 2]
    assert (memory.assumed, memory.unsized) == (2, 1)


def test_that_a_model_without_layers_needs_nothing() -> None:
    memory = memory_over_time(graph_of([], outputs=[]))

    assert (memory.peak, len(memory.live)) == (0, 0)


@st.composite
def random_nodes(draw: st.DrawFn) -> list[Node]:
    count = draw(st.integers(1, 12))
    return [
        (
            tuple(draw(st.lists(st.integers(-1, i - 1), max_size=3))),
            (draw(st.integers(0, 50)), draw(st.integers(1, 3))),
        )
        for i in range(count)
    ]


@given(random_nodes(), st.data())
@settings(max_examples=60, deadline=None)
def test_that_it_agrees_with_a_simulation(nodes: list[Node], data: st.DataObject) -> None:
    outputs = data.draw(st.lists(st.integers(0, len(nodes) - 1), unique=True))

    memory = memory_over_time(graph_of(nodes, outputs))

    assert memory.live.tolist() == _simulated(nodes, outputs)


def _simulated(nodes: Sequence[Node], outputs: Sequence[int]) -> list[float]:
    sizes = {i: 4 * (shape[0] * shape[1]) for i, (_, shape) in enumerate(nodes)}  # type: ignore[index,operator]
    sizes[-1] = 40
    live: list[float] = []
    alive = {-1}
    for step in range(len(nodes)):
        alive.add(step)
        live.append(float(sum(sizes[value] for value in alive)))
        later = {source for sources, _ in nodes[step + 1 :] for source in sources}
        alive &= later | set(outputs)
    return live
