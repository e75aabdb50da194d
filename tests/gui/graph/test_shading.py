"""Colourings: scales, groups' figures, words, legend."""

import numpy as np
import pytest

from core.layout import build_tree
from core.model.graph import ModelGraph
from gui.graph.colouring import Colouring, Scale, by_operations, by_operator, by_size
from gui.graph.legend import Legend
from gui.graph.shading import NEUTRAL, STEPS, Shading


def shaded(graph: ModelGraph, colouring: Colouring) -> Shading:
    tree = build_tree(graph)
    shading = Shading(graph, tree, colouring)
    shading.look_at(np.arange(tree.items))
    return shading


def test_that_a_group_shows_the_sum_of_its_layers(graph: ModelGraph) -> None:
    tree = build_tree(graph)
    figures = {layer.id: 2.0 for layer in graph.layers}

    shading = shaded(graph, Colouring("Latency", "ms", figures))

    for group in range(tree.root, tree.items):
        assert shading.values[group] == pytest.approx(2.0 * tree.counts[group])


def test_that_a_group_can_show_its_largest_figure(graph: ModelGraph) -> None:
    tree = build_tree(graph)
    figures = {layer.id: float(index) for index, layer in enumerate(graph.layers)}

    shading = shaded(graph, Colouring("Sensitivity", "points", figures, combine="max"))

    assert shading.values[tree.root] == len(graph.layers) - 1


def test_that_layers_without_a_figure_stay_neutral(graph: ModelGraph) -> None:
    known = graph.layers[0].id

    shading = shaded(graph, Colouring("Latency", "ms", {known: 1.0}))

    assert shading.bins(np.array([0, 1])).tolist() == [STEPS - 1, NEUTRAL]
    assert shading.look(1).ground is None
    assert shading.look(1).figure == ""


def test_that_texts_given_win_over_figures_put_in_words(graph: ModelGraph) -> None:
    one, two = graph.layers[0].id, graph.layers[1].id

    shading = shaded(graph, Colouring("Latency", "ms", {one: 0.31, two: 0.5}, {two: "about ½"}))

    assert shading.look(0).figure == "0.31 ms"
    assert shading.look(1).figure == "about ½"


def test_that_groups_show_the_shares_of_their_categories(graph: ModelGraph) -> None:
    tree = build_tree(graph)
    figures = {layer.id: float(index % 2) for index, layer in enumerate(graph.layers)}

    shading = shaded(
        graph, Colouring("Choice", values=figures, kind="category", palette=("a", "b"))
    )

    parts = shading.look(tree.root).parts
    assert len(parts) == 2
    assert sum(share for share, _ in parts) == pytest.approx(1.0)


def test_that_categories_outside_the_palette_do_no_harm(graph: ModelGraph) -> None:
    figures = {graph.layers[0].id: 7.0, graph.layers[1].id: -3.0}

    shading = shaded(graph, Colouring("Choice", values=figures, kind="category", palette=("a",)))

    assert shading.kinds() == []


def test_that_figures_that_span_much_get_a_logarithmic_scale() -> None:
    wide = Scale.over(np.array([0.01, 0.1, 1.0, np.nan, 0.0]))
    narrow = Scale.over(np.array([1.0, 2.0, 3.0]))

    assert wide.logarithmic
    assert wide.fractions(np.array([0.01, 0.1, 1.0])) == pytest.approx([0.0, 0.5, 1.0])
    assert not narrow.logarithmic
    assert narrow.fractions(np.array([1.0, 2.0, 3.0])) == pytest.approx([0.0, 0.5, 1.0])
    assert np.isnan(narrow.fractions(np.array([np.nan]))).all()


def test_that_every_operator_of_the_sample_has_a_kind(graph: ModelGraph) -> None:
    colouring = by_operator(graph)

    kinds = colouring.column(graph)
    assert np.isfinite(kinds).all()
    assert {colouring.palette[int(kind)] for kind in kinds} >= {
        "convolution",
        "activation",
    }


def test_that_size_and_operations_come_from_the_model(graph: ModelGraph) -> None:
    sizes = by_size(graph).column(graph)

    assert np.nansum(sizes) == sum(each.weight_bytes for each in graph.layers)
    assert np.nansum(by_operations(graph).column(graph)) == graph.operations


def test_that_the_legend_names_only_kinds_that_occur(graph: ModelGraph, qtbot) -> None:
    legend = Legend(None)
    qtbot.addWidget(legend)

    legend.show_shading(shaded(graph, by_operator(graph)))

    assert "convolution" in legend.words()
    assert "quantization" not in legend.words()


def test_that_the_legend_says_when_nothing_is_known_yet(graph: ModelGraph, qtbot) -> None:
    legend = Legend(None)
    qtbot.addWidget(legend)

    legend.show_shading(shaded(graph, Colouring("Latency", "ms per layer")))

    assert legend.words() == []
    assert "no figures yet" in legend.accessibleName()
