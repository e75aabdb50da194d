"""A model that is only drawn becomes one that runs; where code runs, only with consent."""

import shutil
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from core.conversion.architecture import builders_in
from core.errors import InputError, UserError
from core.formats import check_runnable, read_graph
from core.jobs.kinds.convert import ConvertReport
from core.model.identity import stamp_of

FILES = Path(__file__).parent.parent / "formats" / "files"
Converting = Callable[..., ConvertReport]


def refusal(convert: Converting, **asked: object) -> UserError:
    with pytest.raises(UserError) as caught:
        convert(**asked)
    return caught.value


def test_that_without_consent_no_code_runs_and_the_reason_is_told(
    convert: Converting, python: Path, tmp_path: Path
) -> None:
    error = refusal(convert, python=python, trusted=False)
    assert "torch.export.load" in error.why
    assert "--trust" in error.remedy
    assert not (tmp_path / "run" / "scratch").exists()


def test_that_an_exported_program_becomes_a_model_that_runs(
    convert: Converting, python: Path, tmp_path: Path
) -> None:
    report = convert(python=python)
    assert report.source_format == "torch-export"
    assert set(report.files) == {"out.onnx"}
    check_runnable(tmp_path / "out.onnx")
    assert any("scratch folder" in note for note in report.notes)
    assert any("no network" in note for note in report.notes)


def test_that_layers_keep_their_ids_when_they_are_converted(
    convert: Converting, python: Path, tmp_path: Path
) -> None:
    convert(python=python)
    drawn = {layer.name: layer.id for layer in read_graph(FILES / "tiny.pt2").layers}
    graph = read_graph(tmp_path / "out.onnx")
    assert [layer.id for layer in graph.layers] == [drawn["stem"], drawn["relu"]]
    nodes = onnx.load(tmp_path / "out.onnx").graph.node
    assert [stamp_of(node) for node in nodes] == [drawn["stem"], drawn["relu"]]


def test_that_it_becomes_openvino_ir_too(convert: Converting, python: Path, tmp_path: Path) -> None:
    report = convert(python=python, to="openvino", out=tmp_path / "out.xml")
    assert set(report.files) == {"out.xml", "out.bin"}


def test_that_onnx_becomes_openvino_ir_without_consent(
    convert: Converting, tiny_model: Path, tmp_path: Path
) -> None:
    report = convert(model=tiny_model, to="openvino", out=tmp_path / "a.xml", trusted=False)
    assert (tmp_path / "a.xml").read_text().startswith("<?xml")
    assert report.notes == ()


def test_that_what_pytorch_refuses_is_told_in_its_words(
    convert: Converting, python: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pt2"
    shutil.copy(FILES / "tiny.pt2", broken)
    error = refusal(convert, model=broken, python=python)
    assert "this operator is not known" in error.why
    assert not (tmp_path / "out.onnx").exists()


def test_that_a_missing_component_is_named(convert: Converting, python: Path) -> None:
    package = next(python.parent.parent.rglob("torch/__init__.py"))
    content = package.read_text()
    package.write_text("import onnxscript\n")
    try:
        error = refusal(convert, python=python)
    finally:
        package.write_text(content)
    assert "onnxscript" in error.why
    assert "edgewright[pytorch]" in error.remedy


def test_that_a_python_that_is_none_is_refused(convert: Converting, tmp_path: Path) -> None:
    assert "no Python interpreter" in refusal(convert, python=tmp_path / "nothing").what


def test_that_nothing_is_replaced(convert: Converting, python: Path, tmp_path: Path) -> None:
    (tmp_path / "out.onnx").write_text("mine")
    assert "exists already" in refusal(convert, python=python).what
    assert (tmp_path / "out.onnx").read_text() == "mine"


def test_that_the_ending_must_fit_the_format(convert: Converting, tmp_path: Path) -> None:
    assert "ends in .onnx" in refusal(convert, out=tmp_path / "out.xml").why


def test_that_a_way_that_does_not_exist_is_refused(convert: Converting, tiny_model: Path) -> None:
    assert "OpenVINO IR" in refusal(convert, model=tiny_model).why


def test_that_weights_need_an_architecture_and_sizes(convert: Converting) -> None:
    weights = FILES / "tiny.pth"
    assert "architecture is missing" in refusal(convert, model=weights).what
    given = {"architecture": FILES / "architecture.py", "architecture_name": "Tiny"}
    assert "size of the input" in refusal(convert, model=weights, **given).what


def test_that_an_architecture_is_looked_through_and_not_run(tmp_path: Path) -> None:
    assert builders_in(FILES / "architecture.py") == ("Tiny", "Block")
    harmful = tmp_path / "harmful.py"
    harmful.write_text(f"open({str(tmp_path / 'touched')!r}, 'w')\ndef make(): ...\n")
    assert builders_in(harmful) == ("make",)
    assert not (tmp_path / "touched").exists()
    harmful.write_text("def (")
    with pytest.raises(InputError):
        builders_in(harmful)
