"""Finding the same layers again in a large model whose names all changed."""

import random

import pytest
from onnx import helper

from core.diff.alignment import align
from core.diff.outline import Outline
from core.diff.sequences import aligned, increasing
from core.formats import read_graph
from tests.diff.conftest import model_of

BLOCKS = 120
_OPERATORS = ("Relu", "Tanh", "Abs", "Exp", "Neg")


def blocks(edits, prefix):
    """Identical residual blocks. `edits`: place to “drop” or “insert”. Returns model and truth."""
    nodes, truth, last, number = [], {}, "image", 0

    def add(operator, inputs, key):
        nonlocal number
        number += 1
        result = f"{prefix}{number}"
        nodes.append(helper.make_node(operator, inputs, [result], f"{prefix}/{number}"))
        truth[key] = f"{prefix}/{number}"
        return result

    for block in range(BLOCKS):
        entry = last
        for place, operator in enumerate(_OPERATORS):
            key = (block, place)
            if edits.get(key) == "drop":
                continue
            last = add(operator, [last], key)
            if edits.get(key) == "insert":
                last = add("Softplus", [last], (*key, "more"))
        last = add("Add", [entry, last], (block, "add"))
    return model_of(nodes, last), truth


@pytest.mark.parametrize("seed", range(4))
def test_that_renamed_layers_are_found_around_every_edit(tmp_path, seed):
    import onnx

    dice = random.Random(seed)
    places = [(block, place) for block in range(BLOCKS) for place in range(len(_OPERATORS))]
    edits = {place: dice.choice(["drop", "insert"]) for place in dice.sample(places, 12)}
    sides = []
    for index, model in enumerate((blocks({}, "a"), blocks(edits, "b"))):
        path = tmp_path / f"{index}.onnx"
        onnx.save(model[0], path)
        sides.append((Outline(read_graph(path), with_attributes=True), model[1]))
    (a, truth_a), (b, truth_b) = sides
    found = {a.layers[i].id: b.layers[j].id for i, j in align(a, b).pairs}
    expected = {truth_a[key]: truth_b[key] for key in truth_a.keys() & truth_b.keys()}
    right = sum(found.get(layer) == other for layer, other in expected.items())
    assert right >= 0.99 * len(expected)
    assert len(found) - right <= 0.01 * len(expected)


def test_that_equal_stretches_of_two_sequences_are_aligned():
    one, other = list("abcdefghij"), list("abXcdefgij")
    pairs = list(aligned([ord(c) for c in one], [ord(c) for c in other]))
    assert "".join(one[i] for i, _ in pairs) == "abcdefgij"
    assert all(one[i] == other[j] for i, j in pairs)


def test_that_an_increasing_run_is_the_longest():
    assert [[5, 1, 9, 2, 3][place] for place in increasing([5, 1, 9, 2, 3])] == [1, 2, 3]
