"""Models that would crash or stall an engine are drawn with their faults and never run."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from core.errors import InputError
from core.formats import check_runnable, read_graph
from core.model.identity import stamp

Write = Callable[..., Path]
node = helper.make_node


def refused(path: Path, why: str) -> None:
    """The model is drawn with a warning that says `why`, and kept away from engines for it."""
    graph = read_graph(path)
    assert any(why in warning for warning in graph.warnings), graph.warnings
    with pytest.raises(InputError, match="can be drawn but not run") as caught:
        check_runnable(path)
    assert why in caught.value.why
    assert caught.value.remedy
    with pytest.raises(InputError):
        stamp(path, path.with_name("working.onnx"))
    assert not path.with_name("working.onnx").exists()


def test_that_a_sound_model_has_no_faults(tiny_model: Path) -> None:
    check_runnable(tiny_model)
    assert read_graph(tiny_model).warnings == ()


def test_that_a_convolution_without_weights_is_refused(write_model: Write) -> None:
    path = write_model([node("Conv", ["x"], ["y"], "lonely")], x=(1, 3, 8, 8))
    refused(path, "Conv “lonely” has 1 inputs and needs 2.")


def test_that_a_cycle_is_refused(write_model: Write) -> None:
    path = write_model([node("Add", ["x", "b"], ["a"], "one"), node("Relu", ["a"], ["b"], "two")])
    refused(path, "Layers wait for each other in a circle: Add “one”, Relu “two”.")


def test_that_a_tensor_made_twice_is_refused(write_model: Write) -> None:
    path = write_model([node("Relu", ["x"], ["y"]), node("Abs", ["x"], ["y"])])
    refused(path, "Tensor “y” is made 2 times.")


def test_that_a_missing_input_is_refused(write_model: Write) -> None:
    path = write_model([node("Relu", ["nowhere"], ["y"], "lost")])
    refused(path, "Relu “lost” takes “nowhere”, which nothing makes.")


def test_that_a_missing_output_is_refused(write_model: Write) -> None:
    refused(
        write_model([node("Relu", ["x"], ["h"])]), "Output “y” of the model is made by no layer"
    )


def test_that_a_weight_smaller_than_its_shape_is_refused(write_model: Write) -> None:
    weight = TensorProto(name="w", data_type=1, dims=[1_000_000, 1_000_000], raw_data=b"1234")
    path = write_model([node("Mul", ["x", "w"], ["y"])], weights=[weight])
    refused(path, "Weight “w” says it has 4,000,000,000,000 bytes and 4 are stored.")


def test_that_a_negative_size_is_refused(write_model: Write) -> None:
    weight = TensorProto(name="w", data_type=1, dims=[-1], raw_data=b"1234")
    path = write_model([node("Mul", ["x", "w"], ["y"])], weights=[weight])
    refused(path, "Weight “w” has a negative size.")


@pytest.mark.parametrize("circular", [False, True])
def test_that_functions_that_call_each_other_without_end_are_refused(
    write_model: Write, circular: bool
) -> None:
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("local", 1)]
    count = 3 if circular else 300
    functions = [
        helper.make_function(
            "local",
            f"f{i}",
            ["a"],
            ["b"],
            [node(f"f{(i + 1) % count}", ["a"], ["b"], domain="local")]
            if circular or i + 1 < count
            else [node("Relu", ["a"], ["b"])],
            imports,
        )
        for i in range(count)
    ]
    path = write_model([node("f0", ["x"], ["y"], domain="local")], functions=functions)
    refused(path, "call each other too deeply or in a circle")


def test_that_functions_that_call_each_other_sensibly_pass(write_model: Write) -> None:
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("local", 1)]
    outer = [node("inner", ["a"], ["b"], domain="local")]
    functions = [
        helper.make_function("local", "outer", ["a"], ["b"], outer, imports),
        helper.make_function("local", "inner", ["a"], ["b"], [node("Relu", ["a"], ["b"])], imports),
    ]
    path = write_model([node("outer", ["x"], ["y"], domain="local")], functions=functions)
    check_runnable(path)


def test_that_repeated_node_names_are_only_worth_a_warning(write_model: Write) -> None:
    path = write_model([node("Relu", ["x"], ["h"], "same"), node("Abs", ["h"], ["y"], "same")])
    check_runnable(path)
    assert read_graph(path).warnings == ("Several layers are called “same”; they were told apart.",)


def test_that_an_operator_that_the_standard_lacks_is_only_worth_a_warning(
    write_model: Write,
) -> None:
    path = write_model([node("ImageScaler", ["x"], ["y"])])
    check_runnable(path)
    assert "“ImageScaler” is no operator of ONNX opset 18." in read_graph(path).warnings[0]


def test_that_a_hundred_faults_are_told_in_a_few_sentences(write_model: Write) -> None:
    path = write_model([node("Relu", [f"lost{i}"], [f"h{i}"]) for i in range(100)])
    with pytest.raises(InputError) as caught:
        check_runnable(path)
    assert "There are 96 more faults like these." in caught.value.why
    assert len(read_graph(path).warnings) == 51


def test_that_names_cannot_smuggle_control_characters(write_model: Write) -> None:
    path = write_model([node("Relu", ["\x1b[31m\u202egnp.exe"], ["y"], "a\nb")])
    [layer] = read_graph(path).layers
    assert layer.name.isprintable()
    with pytest.raises(InputError) as caught:
        check_runnable(path)
    assert caught.value.why.isprintable()


def test_that_a_packed_weight_with_too_few_numbers_is_refused(write_model: Write) -> None:
    """ONNX Runtime 1.31 reads past its end and crashes."""
    packed = node(
        "MatMulNBits",
        ["x", "B", "s"],
        ["y"],
        "packed",
        domain="com.microsoft",
        K=64,
        N=8,
        bits=4,
        block_size=32,
    )
    scales = helper.make_tensor("s", TensorProto.FLOAT, [16], [1.0] * 16)

    def weight(count: int) -> list[onnx.TensorProto]:
        return [helper.make_tensor("B", TensorProto.UINT8, [count], bytes(count), raw=True), scales]

    refused(
        write_model([packed], x=(1, 64), weights=weight(255)),
        "MatMulNBits “packed” reads 256 numbers of “B”, which has 255.",
    )
    check_runnable(write_model([packed], x=(1, 64), weights=weight(256)))
