"""Saving an edited model: checked first, whole or not at all, never over what it came from."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import openvino
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.edit.edits_file import EditList, edits_from, read_edits, write_edits
from core.edit.saved import SavedModel
from core.errors import InputError, UserError
from core.jobs.kinds import kinds
from core.jobs.kinds.base import JobContext
from core.jobs.kinds.edit import EditRequest
from core.jobs.kinds.inspect import Inspection
from core.jobs.kinds.save import SaveRequest
from core.model.graph_file import read_graph_file

RENAME: dict[str, Any] = {"kind": "rename-layer", "layer": "dense", "to": "stem"}


@pytest.fixture
def save(context: JobContext) -> Callable[..., SavedModel]:
    def run(model: Path, out: Path, *edits: dict[str, Any], **more: Any) -> SavedModel:
        saved = kinds()["save"].run(SaveRequest(model=model, edits=edits, out=out, **more), context)
        assert isinstance(saved, SavedModel)
        return saved

    return run


Save = Callable[..., SavedModel]


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_that_a_saved_model_is_edited_and_the_original_is_not(
    branching: Path, save: Save, tmp_path: Path
) -> None:
    before = branching.read_bytes()
    saved = save(branching, tmp_path / "new.onnx", RENAME)
    assert branching.read_bytes() == before
    assert onnx.load(saved.path).graph.node[0].name == "stem"
    assert saved.files == {"new.onnx": saved.path.stat().st_size}
    assert saved.edits == ("Rename layer dense to stem",)


def test_that_the_original_is_never_replaced(branching: Path, save: Save, tmp_path: Path) -> None:
    link = tmp_path / "link.onnx"
    link.hardlink_to(branching)
    for out in (branching, link):
        with pytest.raises(InputError, match="never written over its original"):
            save(branching, out, RENAME, overwrite=True)
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(branching.read_bytes())
    with pytest.raises(InputError, match="never written over its original"):
        save(copy, branching, RENAME, overwrite=True, originals=(branching,))
    assert files_in(branching.parent) == {"branching.onnx"}


def test_that_a_file_that_is_there_is_only_replaced_when_asked(
    branching: Path, save: Save, tmp_path: Path
) -> None:
    out = tmp_path / "new.onnx"
    out.write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        save(branching, out, RENAME)
    assert out.read_text() == "mine"
    save(branching, out, RENAME, overwrite=True)
    assert onnx.load(out).graph.node[0].name == "stem"


@pytest.mark.parametrize(
    ("out", "said"),
    [("nowhere/new.onnx", "no folder"), ("new.bin", "ends in .onnx"), ("new", "ends in .onnx")],
)
def test_that_a_place_that_cannot_be_is_refused(
    branching: Path, save: Save, tmp_path: Path, out: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        save(branching, tmp_path / out, RENAME)
    assert files_in(tmp_path) == {"models/branching.onnx"}


def test_that_a_folder_that_cannot_be_written_to_is_told(
    branching: Path,
    save: Save,
    public_folder: Path,
    read_only: Callable[[Path], AbstractContextManager[None]],
) -> None:
    model = public_folder / "model.onnx"
    model.write_bytes(branching.read_bytes())
    out = public_folder / "out"
    out.mkdir()
    with read_only(out), pytest.raises(UserError, match="read-only"):
        save(model, out / "new.onnx", RENAME)
    assert files_in(out) == set()


def test_that_a_model_that_can_no_longer_run_is_not_saved(
    tiny_model: Path, save: Save, tmp_path: Path
) -> None:
    wrong = {"kind": "input-shapes", "shapes": {"image": [1, 4, 16, 16]}}
    with pytest.raises(InputError, match="Input channels C is not equal") as refused:
        save(tiny_model, tmp_path / "wrong.onnx", wrong)
    assert "not saved" in refused.value.what
    assert files_in(tmp_path) == set()


def test_that_what_the_original_fails_too_is_only_noted(save: Save, tmp_path: Path) -> None:
    graph = helper.make_graph(
        [
            helper.make_node("Mystery", ["x"], ["m"], "odd", domain="nobody"),
            helper.make_node("Relu", ["m"], ["y"], "relu"),
        ],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])],
    )
    imports = [helper.make_opsetid("", 18), helper.make_opsetid("nobody", 1)]
    path = tmp_path / "odd.onnx"
    onnx.save(helper.make_model(graph, opset_imports=imports, ir_version=9), path)
    edit = {"kind": "attributes", "layer": "odd", "values": {"strength": "1, 2"}}
    saved = save(path, tmp_path / "new.onnx", edit)
    assert list(onnx.load(saved.path).graph.node[0].attribute[0].ints) == [1, 2]
    [note] = saved.notes
    assert "Mystery" in note
    assert "before the edits too" in note


def external_model(folder: Path, *, large: int = 64) -> Path:
    """x → left (large weight) → y; x → right (small weight) → z, all weights in weights.bin."""
    folder.mkdir()
    weights = [
        numpy_helper.from_array(np.full((4, large * 64), 0.5, np.float32), "large"),
        numpy_helper.from_array(np.full((4, 512), 0.25, np.float32), "small"),
    ]
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "large"], ["y"], "left"),
            helper.make_node("MatMul", ["x", "small"], ["z"], "right"),
        ],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, large * 64]),
            helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, 512]),
        ],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    path = folder / "model.onnx"
    onnx.save(model, str(path), save_as_external_data=True, location="weights.bin")
    return path


def test_that_data_files_keep_their_names_in_a_new_folder(save: Save, tmp_path: Path) -> None:
    path = external_model(tmp_path / "from")
    (tmp_path / "to").mkdir()
    rename = {"kind": "rename-layer", "layer": "left", "to": "first"}
    saved = save(path, tmp_path / "to" / "new.onnx", rename)
    assert set(saved.files) == {"new.onnx", "weights.bin"} == files_in(tmp_path / "to")
    copied, original = (tmp_path / name / "weights.bin" for name in ("to", "from"))
    assert copied.read_bytes() == original.read_bytes()


def test_that_a_copy_beside_its_original_has_data_of_its_own(save: Save, tmp_path: Path) -> None:
    path = external_model(tmp_path / "from")
    data = (tmp_path / "from/weights.bin").read_bytes()
    saved = save(path, path.with_name("new.onnx"), {"kind": "cut-out", "end": ["right"]})
    assert set(saved.files) == {"new.onnx", "new.onnx.data"}
    assert saved.files["new.onnx.data"] == 4 * 512 * 4
    assert (tmp_path / "from/weights.bin").read_bytes() == data
    session = onnxruntime.InferenceSession(str(saved.path), providers=["CPUExecutionProvider"])
    [z] = session.run(None, {"x": np.ones((1, 4), np.float32)})
    np.testing.assert_array_equal(z, np.ones((1, 512), np.float32))


def test_that_an_openvino_model_is_written_with_or_without_half_precision(
    tiny_model: Path, save: Save, tmp_path: Path
) -> None:
    sizes: dict[bool, int] = {}
    for fp16 in (False, True):
        out = tmp_path / f"tiny-{fp16}.xml"
        saved = save(tiny_model, out, writer="openvino", options={"fp16": fp16})
        assert set(saved.files) == {out.name, f"{out.stem}.bin"}
        sizes[fp16] = saved.files[f"{out.stem}.bin"]
        model = openvino.Core().compile_model(str(out), "CPU")
        assert model.input(0).get_any_name() == "image"
    assert sizes[True] < 0.6 * sizes[False]


def test_that_options_that_a_format_does_not_have_are_refused(
    tiny_model: Path, save: Save, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no option called “fp16”"):
        save(tiny_model, tmp_path / "new.onnx", options={"fp16": True})


def test_that_a_file_that_is_no_onnx_model_is_not_edited(save: Save, tmp_path: Path) -> None:
    image = tmp_path / "image.onnx"
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    with pytest.raises(InputError):
        save(image, tmp_path / "new.onnx", RENAME)


def test_that_edits_are_drawn_and_layers_keep_their_ids(
    branching: Path, context: JobContext
) -> None:
    edits = (RENAME, {"kind": "bypass", "layer": "right"})
    outcome = kinds()["edit"].run(EditRequest(model=branching, edits=edits), context)
    assert isinstance(outcome, Inspection)
    graph = read_graph_file(context.folder / outcome.graph)
    assert [layer.id for layer in graph.layers] == ["dense", "left", "sum", "last", "negative"]
    assert graph.layers[0].name == "stem"
    assert graph.warnings == ()


def test_that_drawing_edits_of_a_model_with_data_files_asks_for_no_data(
    tmp_path: Path, context: JobContext
) -> None:
    path = external_model(tmp_path / "from")
    edits = ({"kind": "cut-out", "end": ["right"]},)
    outcome = kinds()["edit"].run(EditRequest(model=path, edits=edits), context)
    graph = read_graph_file(context.folder / outcome.graph)
    assert graph.warnings == ()
    assert 8192 <= graph.file_bytes < 10_000
    assert outcome.companions == (tmp_path / "from" / "weights.bin",)


def test_that_lists_of_edits_are_files_that_people_can_write(tmp_path: Path) -> None:
    path = tmp_path / "edits.json"
    edits = EditList(edits=edits_from([RENAME, {"kind": "batch", "batch": "N"}]))
    write_edits(edits, path)
    assert read_edits(path) == edits
    assert json.loads(path.read_text())["edits"][1] == {"kind": "batch", "batch": "N"}
    path.write_text('{"edits": [{"kind": "rename-layer", "layer": 3}, {"kind": "explode"}]}')
    with pytest.raises(InputError) as refused:
        read_edits(path)
    assert "edits.0.rename-layer.to" in refused.value.why
    assert "explode" in refused.value.why
