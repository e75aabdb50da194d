"""Files of PyTorch are drawn without PyTorch and without running anything in them."""

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.formats import check_runnable, format_of, formats, read_graph
from core.model.graph import Layer, ModelGraph

FILES = Path(__file__).parent / "files"
SAMPLES = sorted(path for path in FILES.iterdir() if path.suffix in (".pt", ".pt2", ".pth"))


def by_name(graph: ModelGraph) -> dict[str, Layer]:
    return {".".join((*layer.scope, layer.name)): layer for layer in graph.layers}


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_graph(path)
    assert caught.value.remedy
    return caught.value


def rewritten(source: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A copy of an archive with changed entries; None leaves one out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def safetensors(path: Path, header: object, data: bytes = b"", length: int | None = None) -> Path:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + data)
    return path


# exported programs


def test_that_an_exported_program_is_drawn_with_its_modules_and_costs() -> None:
    graph = read_graph(FILES / "tiny.pt2")
    layers = by_name(graph)
    assert graph.format == "torch-export"
    assert [tensor.name for tensor in graph.inputs] == ["x"]
    assert graph.inputs[0].shape == ("s77", 3, 8, 8)
    stem = layers["stem"]
    assert (stem.operator, stem.detail, stem.output_shape) == (
        "conv2d",
        "3×3 4×3",
        ("s77", 4, 4, 4),
    )
    assert stem.operations == 2 * 3 * 9 * 4 * 4 * 4
    assert stem.attributes["stride"] == "2, 2"
    assert layers["blocks.1.conv"].weights == ("blocks.1.conv.weight",)
    assert layers["head"].operations == 2 * 4 * 5
    assert graph.parameters == 457


def test_that_the_layers_of_an_exported_program_hang_together() -> None:
    graph = read_graph(FILES / "tiny.pt2")
    made = {name for layer in graph.layers for name in layer.outputs} | {"x"}
    assert all(name in made for layer in graph.layers for name in layer.inputs)
    add = by_name(graph)["blocks.0.add"]
    assert len(add.inputs) == 2


def test_that_the_older_layout_of_exported_programs_is_read_too(tmp_path: Path) -> None:
    older = tmp_path / "older.pt2"
    with zipfile.ZipFile(FILES / "tiny.pt2") as new, zipfile.ZipFile(older, "w") as old:
        program = json.loads(new.read("tiny/models/model.json"))
        for node in program["graph_module"]["graph"]["nodes"]:
            del node["name"]
        old.writestr("serialized_exported_program.json", json.dumps(program))
        old.writestr("version", "7.3")
    assert [each.id for each in read_graph(older).layers] == [
        each.id for each in read_graph(FILES / "tiny.pt2").layers
    ]


def test_that_a_program_that_breaks_the_schema_is_refused_with_the_place(tmp_path: Path) -> None:
    def damage(name: str, content: bytes) -> bytes:
        return content.replace(b'"nodes": [', b'"nodes": [7, ', 1)

    broken = rewritten(FILES / "tiny.pt2", tmp_path / "broken.pt2", damage)
    assert "graph_module.graph.nodes.0" in refusal(broken).why


# TorchScript


def test_that_traced_code_is_followed_into_its_modules() -> None:
    graph = read_graph(FILES / "tiny_traced.pt")
    layers = by_name(graph)
    assert graph.format == "torchscript"
    assert layers["stem"].operator == "convolution"
    assert layers["stem"].weights == ("stem.weight", "stem.bias")
    assert layers["stem"].attributes["padding"] == "1, 1"
    assert layers["blocks.0.conv"].detail == "3×3 4×4"
    assert layers["head"].operator == "linear"
    assert graph.parameters == 457
    assert len(graph.layers) == len(read_graph(FILES / "tiny.pt2").layers)


def test_that_a_traced_module_has_the_shapes_and_costs_of_its_example() -> None:
    traced, exported = read_graph(FILES / "tiny_traced.pt"), read_graph(FILES / "tiny.pt2")
    assert traced.inputs[0].shape == (1, 3, 8, 8)
    assert traced.outputs[0].shape == (1, 5)
    assert [each.operations for each in traced.layers] == [
        each.operations for each in exported.layers
    ]


_CODE = """class Choosing(Module):
  __parameters__ = []
  def forward(self: __torch__.Choosing,
    x: Tensor,
    mask: Optional[Tensor]=None) -> Tensor:
    _0 = __torch__.apply
    y = _0(x, "relu", )
    if torch.__isnot__(mask, None):
      z = torch.mul(y, mask)
    else:
      z = torch.pad(torch.slice(y, 1, 0, 9223372036854775807, 2), [0, 1])
    return z
def apply(x: Tensor,
    kind: str) -> Tensor:
  if torch.eq(kind, "relu"):
    y = torch.relu(x)
  else:
    y = torch.sigmoid(x)
  return y
"""


def test_that_functions_choices_by_text_and_left_out_arguments_are_followed(
    tmp_path: Path,
) -> None:
    def replace(name: str, content: bytes) -> bytes:
        return _CODE.encode() if name.endswith("code/__torch__.py") else content

    changed = rewritten(FILES / "tiny_scripted.pt", tmp_path / "changed.pt", replace)
    graph = read_graph(changed)
    assert [tensor.name for tensor in graph.inputs] == ["x"]
    assert [layer.operator for layer in graph.layers] == ["relu", "slice", "pad"]


def test_that_branches_and_loops_are_drawn_and_checks_are_not() -> None:
    operators = [layer.operator for layer in read_graph(FILES / "tiny_scripted.pt").layers]
    assert operators == [
        "linear", "mul", "sum", "gt", "relu", "sigmoid", "if", "linear", "loop",
    ]  # fmt: skip


def test_that_code_that_calls_itself_for_ever_is_refused(tmp_path: Path) -> None:
    def recurse(name: str, content: bytes) -> bytes:
        if not name.endswith("code/__torch__/architecture.py"):
            return content
        endless = b"    return (self).forward(x, )\n"
        start = content.index(b"  def forward")
        body = content.index(b"\n", content.index(b"-> Tensor:", start)) + 1
        return content[:body] + endless

    endless = rewritten(FILES / "tiny_traced.pt", tmp_path / "endless.pt", recurse)
    assert "without end" in refusal(endless).why


@pytest.mark.parametrize(
    "lines",
    [
        "    y = [x]\n" + "    y = [y, y]\n" * 40 + "    return torch.cat(y, 0)\n",
        "    y = [x]\n    _0 = torch.append(y, y)\n    return torch.cat(y, 0)\n",
        "    return x" + ".a" * 100_000 + "\n",
    ],
    ids=["doubling lists", "a list in itself", "an endless name"],
)
def test_that_code_made_to_exhaust_the_reader_is_refused(tmp_path: Path, lines: str) -> None:
    head = _CODE[: _CODE.index("    mask")].rstrip().rstrip(",") + ") -> Tensor:\n"

    def replace(name: str, content: bytes) -> bytes:
        return (head + lines).encode() if name.endswith("code/__torch__.py") else content

    assert refusal(rewritten(FILES / "tiny_scripted.pt", tmp_path / "a.pt", replace)).why


@pytest.mark.parametrize("code", [b"def (", b"x = " + b"(" * 5000, b"\xff\xfe", b"\0"])
def test_that_code_that_is_none_is_refused(tmp_path: Path, code: bytes) -> None:
    def replace(name: str, content: bytes) -> bytes:
        return code if name.endswith("architecture.py") else content

    broken = rewritten(FILES / "tiny_traced.pt", tmp_path / "broken.pt", replace)
    assert "architecture.py" in refusal(broken).why


# tensors


@pytest.mark.parametrize("name", ["tiny.pth", "tiny_legacy.pth", "tiny_module.pth"])
def test_that_tensors_are_drawn_as_a_tree_of_modules(name: str) -> None:
    graph = read_graph(FILES / name)
    assert [layer.id for layer in graph.layers] == [
        "stem", "blocks.0.conv", "blocks.0.norm", "blocks.1.conv", "blocks.1.norm", "head",
    ]  # fmt: skip
    norm = by_name(graph)["blocks.0.norm"]
    assert norm.scope == ("blocks", "0")
    assert norm.operator == "Batch statistics"
    assert norm.attributes["running_mean"] == "float32 4"
    assert graph.weights["stem.weight"].shape == (4, 3, 3, 3)
    assert graph.weights["stem.weight"].bytes == 4 * 3 * 9 * 4


def test_that_single_values_of_a_checkpoint_are_kept_as_facts() -> None:
    assert read_graph(FILES / "tiny.pth").metadata == {"epoch": "3", "accuracy": "0.5"}


def test_that_a_pickled_model_says_which_code_it_would_run() -> None:
    (warning,) = read_graph(FILES / "tiny_module.pth").warnings
    assert "architecture.Tiny" in warning
    assert "run none of it" in warning
    assert read_graph(FILES / "tiny.pth").warnings == ()


class Harm:
    """What pickle would call when it loaded this."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.target,))


def test_that_nothing_in_a_hostile_pickle_is_called(tmp_path: Path) -> None:
    target, hostile = tmp_path / "touched", tmp_path / "hostile.pth"
    content = io.BytesIO()
    pickle.dump({"a": Harm(target)}, content, protocol=2)
    with zipfile.ZipFile(hostile, "w") as archive:
        archive.writestr("hostile/data.pkl", content.getvalue())
    assert "no tensor" in refusal(hostile).why
    assert not target.exists()
    pickle.loads(content.getvalue())
    assert target.exists()  # so the pickle would have done it


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02X\xff\xff\xff\x7fabc.",  # a text of two gigabytes that is not there
        b"\x80\x02\x8b\xff\xff\xff\x7f.",  # a number of two gigabytes
        b"\x80\x02" + b"(" * 100_000 + b".",
        b"\x80\x02" + b"]\x94h\0a" * 10 + b".",
        b"\x80\x02" + b")\x85" * 200_000 + b".",  # tuples in tuples
        b"\x80\x02}r\xff\xff\xff\xff.",  # a memo with four billion places
        b"\x80\x02N.",
        b"\x80\x02c\xff\n\n.",
        b"",
    ],
)
def test_that_a_forged_pickle_is_refused(tmp_path: Path, content: bytes) -> None:
    forged = tmp_path / "forged.pth"
    with zipfile.ZipFile(forged, "w") as archive:
        archive.writestr("forged/data.pkl", content)
    assert "damaged" in refusal(forged).what


def test_that_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.pth"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", bytes(64 << 20))
    assert "exhaust memory" in refusal(bomb).why


def test_that_an_entry_outside_the_archive_stays_a_name(tmp_path: Path) -> None:
    slip = rewritten(FILES / "tiny.pth", tmp_path / "slip.pth", lambda name, content: content)
    with zipfile.ZipFile(slip, "a") as archive:
        archive.writestr("../../escaped", b"x")
    with pytest.raises(InputError):
        read_graph(slip)
    assert not (tmp_path.parent.parent / "escaped").exists()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_that_a_cut_file_of_pytorch_is_called_damaged(sample: Path, tmp_path: Path) -> None:
    cut = tmp_path / sample.name
    cut.write_bytes(sample.read_bytes()[: sample.stat().st_size * 2 // 3])
    if sample.name == "tiny_legacy.pth":
        assert read_graph(cut).parameters == 459  # its numbers, which nobody reads, are cut
    else:
        assert "damaged" in refusal(cut).what


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_that_flipped_bytes_in_the_description_end_in_a_graph_or_a_refusal(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sample = data.draw(st.sampled_from(SAMPLES))
    target = tmp_path_factory.getbasetemp() / f"flipped{sample.suffix}"
    places = data.draw(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4))

    def flip(name: str, content: bytes) -> bytes:
        if not name.endswith((".pkl", ".py", ".json")) or not content:
            return content
        changed = bytearray(content)
        for place, value in places:
            changed[place % len(changed)] = value
        return bytes(changed)

    if zipfile.is_zipfile(sample):
        rewritten(sample, target, flip)
    else:
        target.write_bytes(flip("data.pkl", sample.read_bytes()))
    try:
        graph = read_graph(target)
    except InputError as error:
        assert error.remedy
    else:
        assert len(graph.by_id) == len(graph.layers)


# safetensors


def test_that_safetensors_are_drawn_from_the_header(tmp_path: Path) -> None:
    header = {
        "__metadata__": {"format": "pt"},
        "body.0.weight": {"dtype": "BF16", "shape": [4, 3], "data_offsets": [0, 24]},
        "body.0.bias": {"dtype": "F32", "shape": [4], "data_offsets": [24, 40]},
    }
    graph = read_graph(safetensors(tmp_path / "a.bin", header, bytes(40)))
    (layer,) = graph.layers
    assert (layer.id, layer.scope, layer.operator, layer.detail) == (
        "body.0", ("body",), "Matrix", "4×3",
    )  # fmt: skip
    assert layer.attributes == {"weight": "bfloat16 4×3", "bias": "float32 4"}
    assert graph.metadata == {"format": "pt"}


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}, "need 16 bytes"),
        ({"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}, "does not fit"),
        ({"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 8]}}, "header"),
        ({"a": 5}, "header"),
    ],
)
def test_that_forged_safetensors_are_refused(tmp_path: Path, header: object, why: str) -> None:
    assert why in refusal(safetensors(tmp_path / "a.safetensors", header, bytes(8))).why


def test_that_a_header_longer_than_the_file_is_refused(tmp_path: Path) -> None:
    path = safetensors(tmp_path / "a.safetensors", {}, length=90_000_000)
    assert "header" in refusal(path).why


# all of them


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_that_a_model_that_is_only_drawn_says_how_it_gets_to_run(sample: Path) -> None:
    known = format_of(sample)
    assert not known.runs
    with pytest.raises(InputError) as caught:
        check_runnable(sample)
    assert "edgewright convert" in caught.value.remedy
    assert all(way.runs for way in known.conversions)


def test_that_content_tells_files_of_pytorch_apart(tmp_path: Path) -> None:
    disguised = tmp_path / "model.onnx"
    disguised.write_bytes((FILES / "tiny_traced.pt").read_bytes())
    assert format_of(disguised) is formats()["torchscript"]
