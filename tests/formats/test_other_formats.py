"""Every format but ONNX: known by its content, drawn, converted or told how, never trusted."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from core.conversion.declaration import ConversionWork
from core.errors import InputError
from core.formats import check_runnable, format_of, formats, read_graph
from core.layout import write_initial_layout


def test_that_each_file_is_claimed_by_exactly_one_format(sample: tuple[Path, str]) -> None:
    path, name = sample
    claims = [
        known.name for known in formats() if (known.folders or path.is_file()) and known.sniff(path)
    ]
    assert claims == [name]


def test_that_an_onnx_model_is_claimed_by_onnx_alone(tiny_model: Path) -> None:
    assert [known.name for known in formats() if known.sniff(tiny_model)] == ["onnx"]


def test_that_each_file_is_drawn(sample: tuple[Path, str], tmp_path: Path) -> None:
    path, name = sample
    graph = read_graph(path)
    assert graph.format == name
    assert graph.inputs
    assert graph.outputs
    assert len(graph.by_id) == len(graph.layers) > 0
    made = {tensor for layer in graph.layers for tensor in layer.outputs}
    assert {tensor.name for tensor in graph.outputs} <= made
    assert len(graph.edges) >= len(graph.layers) - len(graph.inputs) - 1
    write_initial_layout(graph, tmp_path)


def test_that_what_no_runtime_takes_is_refused_with_a_way_out(sample: tuple[Path, str]) -> None:
    path, _ = sample
    with pytest.raises(InputError) as caught:
        check_runnable(path)
    assert caught.value.remedy.endswith(".")


def test_that_damage_ends_in_a_graph_or_a_refusal(sample: tuple[Path, str], tmp_path: Path) -> None:
    path, name = sample
    path = path / "saved_model.pb" if path.is_dir() else path
    content, draw = path.read_bytes(), random.Random(name)
    damaged = tmp_path / path.name
    for _ in range(40):
        bytes_now = bytearray(content[: draw.choice((len(content), draw.randrange(len(content))))])
        for _ in range(draw.randrange(4)):
            bytes_now[draw.randrange(len(bytes_now)) :][:1] = b""
            bytes_now[draw.randrange(len(bytes_now))] = draw.randrange(256)
        damaged.write_bytes(bytes_now)
        try:
            formats()[name].read_graph(damaged)
        except InputError as error:
            assert error.remedy


@pytest.mark.parametrize("name", ["loop_saved", "tensorflow_frozen.pb", "hello_world_int8.tflite"])
def test_that_openvino_converts_what_it_reads(name: str, samples: Path, tmp_path: Path) -> None:
    source = samples / name
    known = format_of(source)
    target = tmp_path / "model.xml"
    work = ConversionWork(source, target, tmp_path, progress=lambda _: None)
    known.convert(known.conversions[0], work)
    graph = read_graph(target)
    assert graph.format == "openvino"
    assert [tensor.shape for tensor in graph.inputs] == [
        tensor.shape for tensor in read_graph(source).inputs
    ]
    check_runnable(target)


def test_that_loops_and_branches_become_groups(samples: Path) -> None:
    graph = read_graph(samples / "loop_saved")
    scopes = {layer.scope[:2] for layer in graph.layers}
    assert {("while", "cond"), ("while", "body"), ("cond", "then")} <= scopes
    doubling = next(layer for layer in graph.layers if layer.scope[:2] == ("while", "body"))
    assert doubling.inputs == ("serving_default_v",)


def test_that_tensorflow_layers_have_scopes_weights_and_work(samples: Path) -> None:
    graph = read_graph(samples / "tensorflow_frozen.pb")
    stem = next(layer for layer in graph.layers if layer.scope == ("small_1", "stem_1"))
    assert (stem.operator, stem.detail, stem.parameters) == ("Conv2D", "3×3 8×3", 8 * 3 * 9)


def test_that_tflite_counts_work_parameters_and_quantization(samples: Path) -> None:
    graph = read_graph(samples / "hello_world_int8.tflite")
    assert [layer.operator for layer in graph.layers] == ["FullyConnected"] * 3
    assert graph.parameters == (1 * 16 + 16) + (16 * 16 + 16) + (16 * 1 + 1)
    assert graph.operations == 2 * (16 + 256 + 16)
    assert "scale" in graph.layers[0].attributes["input 0"]
    assert graph.layers[0].attributes["fused_activation_function"] == "RELU"
    convolution = read_graph(samples / "conv0.tflite").layers[0]
    assert convolution.operator == "Conv2D"
    assert convolution.output_dtype == "int16"


def test_that_weights_are_read_where_the_file_has_them(samples: Path, tmp_path: Path) -> None:
    source = samples / "tensorflow_frozen.pb"
    converted = tmp_path / "model.xml"
    work = ConversionWork(source, converted, tmp_path, progress=lambda _: None)
    format_of(source).convert(format_of(source).conversions[0], work)
    for path in (samples / "hello_world_int8.tflite", converted):
        for weight in read_graph(path).weights.values():
            numbers = format_of(path).read_weight(path, weight.name)
            assert numbers.shape == weight.shape
            assert numbers.nbytes == weight.bytes
    with pytest.raises(InputError, match="cannot be read"):
        name = next(iter(read_graph(samples / "test_model_fp32.xml").weights))
        formats()["openvino"].read_weight(samples / "test_model_fp32.xml", name)


def test_that_a_tflite_composite_is_drawn_with_what_it_stands_for(samples: Path) -> None:
    graph = read_graph(samples / "l2_norm_composite.tflite")
    composite = next(layer for layer in graph.layers if layer.operator == "StableHLOComposite")
    inside = [layer for layer in graph.layers if layer.scope[:1] == composite.scope[:1]]
    assert len(inside) > 1
    assert {name for layer in inside for name in layer.outputs} & set(composite.inputs)


def test_that_openvino_ir_knows_its_weights_and_work(samples: Path) -> None:
    graph = read_graph(samples / "test_model_fp32.xml")
    assert graph.parameters == 84_394
    assert graph.operations == 21_178_408
    assert graph.warnings == ("The file of weights, “test_model_fp32.bin”, is missing.",)


def test_that_old_openvino_ir_is_drawn_with_its_blobs(samples: Path, tmp_path: Path) -> None:
    graph = read_graph(samples / "old.xml")
    (layer,) = graph.layers
    assert (layer.operator, layer.parameters, layer.weight_bytes) == ("FullyConnected", 36, 144)
    assert layer.operations == 2 * 8 * 4
    model = tmp_path / "old.xml"
    model.write_text((samples / "old.xml").read_text())
    model.with_suffix(".bin").write_bytes(bytes(100))
    assert "beyond the end" in " ".join(read_graph(model).warnings)


def test_that_xml_with_entities_is_not_expanded(
    tmp_path: Path, refusal: Callable[[Path], InputError]
) -> None:
    path = tmp_path / "bomb.xml"
    path.write_text('<!DOCTYPE net [<!ENTITY a "aaaa">]>\n<net name="&a;" version="11"></net>')
    assert "XML" in refusal(path).why


def test_that_settings_in_xml_are_no_model(
    tmp_path: Path, refusal: Callable[[Path], InputError]
) -> None:
    path = tmp_path / "plugins.xml"
    path.write_text("<!-- (C) -->\n<ie><plugins><plugin name='CPU'></plugin></plugins></ie>")
    assert "settings" in refusal(path).why


def test_that_paddle_is_drawn_alike_from_both_its_forms(samples: Path) -> None:
    older, newer = (read_graph(samples / name) for name in ("paddle.pdmodel", "paddle_pir.json"))
    assert older.parameters == newer.parameters
    convolutions = [
        next(layer for layer in graph.layers if layer.operator == "conv2d")
        for graph in (older, newer)
    ]
    assert {layer.operations for layer in convolutions} == {2 * 8 * 14 * 14 * 27}


def test_that_keras_is_drawn_alike_from_archive_and_hdf5(samples: Path) -> None:
    archive, hdf5 = read_graph(samples / "small.keras"), read_graph(samples / "small.h5")
    assert archive.layers == hdf5.layers
    head = [layer for layer in archive.layers if layer.scope == ("head",)]
    assert [layer.operator for layer in head] == ["Dense", "Dropout", "Dense"]
    assert head[0].inputs == ("global_average_pooling2d",)


def test_that_hdf5_without_a_model_says_what_to_save(
    tmp_path: Path, refusal: Callable[[Path], InputError]
) -> None:
    path = tmp_path / "weights.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(500))
    assert "without a model" in refusal(path).what


def test_that_caffe_keeps_layers_that_write_over_their_input_apart(samples: Path) -> None:
    graph = read_graph(samples / "lenet.prototxt")
    assert [layer.operator for layer in graph.layers] == ["Convolution", "ReLU", "Softmax"]
    assert graph.edges == ((0, 1), (1, 2))
    assert graph.layers[0].attributes["weight_filler.type"] == "xavier"
    assert "training" in graph.warnings[0]


def test_that_a_caffemodel_is_drawn_with_its_weights(tmp_path: Path) -> None:
    def field(number: int, content: bytes) -> bytes:
        tag = number << 3 | 2
        return bytes([tag & 0x7F | 0x80, tag >> 7] if tag > 0x7F else [tag]) + (
            bytes([len(content)]) + content
        )

    shape = field(7, field(1, bytes([20, 1, 5, 5])))
    layer = field(1, b"conv1") + field(2, b"Convolution") + field(3, b"data") + field(4, b"c")
    path = tmp_path / "net.caffemodel"
    path.write_bytes(field(1, b"net") + field(100, layer + field(7, shape)))
    (drawn,) = read_graph(path).layers
    assert (drawn.operator, drawn.parameters, drawn.detail) == ("Convolution", 500, "5×5 20×1")


def test_that_mxnet_gives_a_layer_as_many_outputs_as_are_taken(samples: Path) -> None:
    graph = read_graph(samples / "net-symbol.json")
    half = next(layer for layer in graph.layers if layer.operator == "SliceChannel")
    assert half.outputs == ("half", "half:1")
    assert [tensor.name for tensor in graph.inputs] == ["data"]


def test_that_kaldi_components_are_wired_by_their_descriptors(samples: Path) -> None:
    graph = read_graph(samples / "final.raw")
    wiring = {layer.operator: layer.inputs for layer in graph.layers}
    assert wiring == {
        "NaturalGradientAffine": ("input",),
        "RectifiedLinear": ("tdnn.affine",),
        "Output": ("tdnn.relu", "tdnn.affine"),
    }
