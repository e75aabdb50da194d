"""Whatever file is given, it is read as a model or refused in three plain sentences."""

import os
import zipfile
from pathlib import Path

import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from PIL import Image

from core.errors import InputError
from core.formats import format_of, formats, metadata_of, read_graph


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_graph(path)
    error = caught.value
    assert all(sentence.strip().endswith((".", "”.")) for sentence in (error.what, error.why))
    assert error.remedy
    return error


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "model.onnx"


def test_that_a_model_is_known_by_its_content_alone(tiny_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(tiny_model.read_bytes())
    assert format_of(path) is formats()["onnx"]
    assert len(read_graph(path).layers) == 7


def test_that_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "There is no file" in refusal(tmp_path / "nowhere.onnx").what


def test_that_an_empty_file_is_refused(file: Path) -> None:
    file.touch()
    assert refusal(file).why == "The file is empty."


def test_that_a_text_file_is_refused(file: Path) -> None:
    file.write_text("Dear model,\nplease be fast.\n")
    assert refusal(file).why == "It is a text file."


def test_that_a_folder_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path)
    assert error.why == "It is a folder."
    assert "Choose the model file in it" in error.remedy


def test_that_a_cut_model_is_refused_with_the_place(file: Path, tiny_model: Path) -> None:
    whole = tiny_model.read_bytes()
    for share in (0.2, 0.5, 0.9):
        file.write_bytes(whole[: int(len(whole) * share)])
        error = refusal(file)
        assert "damaged or incomplete" in error.what
        assert "byte" in error.why
        assert "Copy or download it again" in error.remedy


def test_that_a_file_that_may_not_be_read_is_refused(file: Path) -> None:
    file.symlink_to("/proc/self/mem")  # may be opened by its owner, and reading it fails
    assert refusal(file).remedy


def test_that_a_pipe_is_refused_and_not_waited_for(file: Path) -> None:
    os.mkfifo(file)
    assert "no plain file" in refusal(file).why


def test_that_a_link_that_leads_nowhere_is_refused(file: Path) -> None:
    file.symlink_to(file.with_name("gone.onnx"))
    assert refusal(file)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
        (b"\x80\x02}q\x00.", "pickle"),
        (b'<?xml version="1.0"?>\n<ie><plugins></plugins></ie>', "XML file"),
        (b"GGUF\x03\0\0\0" + b"\0" * 40, "weights"),
        (b"ftrt" + b"\0" * 40, "TensorRT"),
        (b"\x1f\x8b\x08\0" + b"\xff" * 40, "archive"),
        (b"\xff" * 100, "none of the formats"),
    ],
)
def test_that_other_files_are_called_by_their_kind(file: Path, content: bytes, kind: str) -> None:
    file.write_bytes(content)
    error = refusal(file)
    assert kind in error.why
    assert error.remedy


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("archive/data/aotinductor/model.so", "compiled"),
        ("config.json", "archive"),
        ("metadata.json", "archive"),
    ],
)
def test_that_archives_are_told_apart(file: Path, entry: str, kind: str) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(entry, "{}")
    assert kind in refusal(file).why


def test_that_an_image_is_pointed_to_the_images(file: Path) -> None:
    Image.new("RGB", (8, 8)).save(file, "PNG")
    assert "image" in refusal(file).why


def test_that_a_data_file_is_pointed_to_its_model(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(tiny_model.read_bytes())
    data = tmp_path / "model.data"
    data.write_bytes(b"\xfe" * 4096)
    assert "data file of another model" in refusal(data).why


@pytest.mark.parametrize("opset", [0, 1000, 2**31])
def test_that_an_opset_that_does_not_exist_is_refused(file: Path, opset: int) -> None:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "graph",
        [value("x", TensorProto.FLOAT, [1])],
        [value("y", TensorProto.FLOAT, [1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    file.write_bytes(model.SerializeToString())
    assert f"opset {opset}" in refusal(file).what


def test_that_text_that_is_no_text_is_refused(file: Path, tiny_model: Path) -> None:
    content = tiny_model.read_bytes().replace(b"stem/Conv", b"stem\xff\xfeonv")
    file.write_bytes(content)
    assert "damaged" in refusal(file).what


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_that_flipped_bytes_end_in_a_graph_or_a_refusal(
    data: st.DataObject, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(tiny_model.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.getbasetemp() / "flipped.onnx"
    file.write_bytes(content)
    try:
        graph = read_graph(file)
    except InputError as error:
        assert error.remedy
    else:
        assert len(graph.by_id) == len(graph.layers)


def test_that_metadata_are_read_to_the_letter(tmp_path: Path) -> None:
    """A recognizer's characters are thousands of lines; what people are shown is shorter."""
    characters = "\n".join(chr(0x4E00 + index) for index in range(3000))
    node = helper.make_node("Relu", ["x"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    model = helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:]))
    helper.set_model_props(model, {"character": characters})
    onnx.save(model, tmp_path / "reader.onnx")
    assert metadata_of(tmp_path / "reader.onnx") == {"character": characters}
    assert len(read_graph(tmp_path / "reader.onnx").metadata["character"]) < 1000
