"""An exported folder is whole, names what it holds, and runs by itself."""

import hashlib
import json
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.data.contract import PreprocessingContract
from core.data.decode import prepare
from core.errors import InputError
from core.export.bundle import export_candidate, reads_ir
from core.plan.plan import RuntimeChoice
from core.runtimes import available_runtimes, runtimes
from core.search.report import OptimizationReport

RUNTIMES = [runtime.name for runtime in available_runtimes()]
NEEDED = {"numpy", "numpy.libs", "PIL", "pillow.libs"}
"""What infer.py may find beside its runtime and the standard library."""


@pytest.fixture(scope="session")
def bare_packages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A folder that holds numpy, Pillow and one runtime, and no other package."""

    def build(runtime: str) -> Path:
        folder = tmp_path_factory.mktemp(f"only-{runtime}")
        engine = runtimes()[runtime].engine or runtime if runtime in runtimes() else ""
        for name in filter(None, (*NEEDED, engine)):
            if (source := Path(np.__file__).parent.parent / name).exists():
                (folder / name).symlink_to(source)
        return folder

    return build


def infer(folder: Path, packages: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run the exported program without site-packages, environment or current folder."""
    program = str(folder / "infer.py")
    start = (
        f"import sys, runpy; sys.path.append({str(packages)!r}); "
        f"sys.argv = {[program, *map(str, words)]!r}; "
        f"runpy.run_path({program!r}, run_name='__main__')"
    )
    command = [sys.executable, "-I", "-S", "-c", start]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def first_image(tiny_data: Path) -> Path:
    return next(tiny_data.rglob("*.png"))


def expected_scores(model: Path, runtime: str, image: Path, contract: PreprocessingContract) -> Any:
    session = runtimes()[runtime].compile(model, RuntimeChoice(runtime=runtime, threads=1))
    tensor = prepare(image.read_bytes(), contract)[np.newaxis]
    (scores,) = session.infer({session.inputs[0].name: tensor}).values()
    session.close()
    return scores.reshape(-1)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_that_the_exported_program_answers_like_the_model_in_a_bare_environment(
    runtime: str,
    report: OptimizationReport,
    run_folder: Path,
    tiny_model: Path,
    tiny_data: Path,
    tmp_path: Path,
    bare_packages: Callable[[str], Path],
) -> None:
    out = tmp_path / "deploy"
    names = ("blue", "green", "grey", "red")
    export_candidate(report, run_folder, f"original.{runtime}", out, class_names=names)
    image = first_image(tiny_data)
    done = infer(out, bare_packages(runtime), image, "--json")
    assert done.returncode == 0, done.stderr
    assert report.contract is not None
    scores = expected_scores(tiny_model, runtime, image, report.contract)
    likely = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    (answer,) = json.loads(done.stdout)
    assert [top["class"] for top in answer["top"]] == list(np.argsort(-likely))
    assert answer["top"][0]["name"] == names[int(likely.argmax())]
    found = [top["probability"] for top in answer["top"]]
    assert found == pytest.approx(sorted(likely, reverse=True), rel=1e-4)


def test_that_the_bare_environment_is_bare(
    report: OptimizationReport,
    run_folder: Path,
    tiny_data: Path,
    tmp_path: Path,
    bare_packages: Callable[[str], Path],
) -> None:
    """Else the test above would prove nothing."""
    out = tmp_path / "deploy"
    export_candidate(report, run_folder, "original.onnxruntime", out)
    done = infer(out, bare_packages("no-runtime"), first_image(tiny_data))
    assert "No module named 'onnxruntime'" in done.stderr


def test_that_openvinos_own_format_gives_the_same_answers(
    report: OptimizationReport,
    run_folder: Path,
    tiny_data: Path,
    tmp_path: Path,
    bare_packages: Callable[[str], Path],
) -> None:
    answers = []
    for own_format in (False, True):
        out = tmp_path / f"deploy-{own_format}"
        made = export_candidate(
            report, run_folder, "original.openvino", out, openvino_ir=own_format
        )
        assert made.model == ("model.xml" if own_format else "model.onnx")
        done = infer(out, bare_packages("openvino"), first_image(tiny_data), "--json")
        assert done.returncode == 0, done.stderr
        answers.append([top["probability"] for top in json.loads(done.stdout)[0]["top"]])
    assert answers[0] == pytest.approx(answers[1], rel=1e-4)
    assert (tmp_path / "deploy-True" / "model.bin").exists()


def test_that_the_program_refuses_what_is_no_image_in_words(
    report: OptimizationReport,
    run_folder: Path,
    tmp_path: Path,
    bare_packages: Callable[[str], Path],
) -> None:
    out = tmp_path / "deploy"
    export_candidate(report, run_folder, "original.onnxruntime", out)
    (tmp_path / "note.txt").write_text("no image")
    done = infer(out, bare_packages("onnxruntime"), tmp_path / "note.txt")
    assert done.returncode == 1
    assert "note.txt cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_that_every_file_is_listed_with_its_right_checksum(
    report: OptimizationReport, run_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "deploy"
    made = export_candidate(report, run_folder, None, out)
    listed = dict(
        reversed(line.split("  ")) for line in (out / "SHA256SUMS").read_text().splitlines()
    )
    assert set(listed) == set(made.files) - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    expected = {"model.onnx", "plan.json", "results.json", "contract.json", "infer.py"}
    assert expected <= set(made.files)
    assert (out / "model.onnx").read_bytes() == (run_folder / "original.onnx").read_bytes()


def test_that_an_export_never_mixes_with_other_files(
    report: OptimizationReport, run_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "deploy"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="there already"):
        export_candidate(report, run_folder, None, out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_that_a_failed_export_leaves_nothing(
    report: OptimizationReport, run_folder: Path, tmp_path: Path
) -> None:
    (run_folder / "original.onnx").unlink()
    target = tmp_path / "exports" / "deploy"
    with pytest.raises(InputError, match="gone"):
        export_candidate(report, run_folder, None, target)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("candidate", "openvino_ir", "part"),
    [
        ("absent", False, "no candidate “absent”"),
        ("original.onnxruntime", True, "OpenVINO's format"),
    ],
)
def test_that_what_cannot_be_exported_is_said(
    report: OptimizationReport,
    run_folder: Path,
    tmp_path: Path,
    candidate: str,
    openvino_ir: bool,
    part: str,
) -> None:
    with pytest.raises(InputError, match=part):
        export_candidate(
            report, run_folder, candidate, tmp_path / "deploy", openvino_ir=openvino_ir
        )


def test_that_a_run_without_a_choice_asks_for_a_candidate(
    report: OptimizationReport, run_folder: Path, tmp_path: Path
) -> None:
    undecided = report.model_copy(update={"chosen": None})
    with pytest.raises(InputError, match="nothing to export"):
        export_candidate(undecided, run_folder, None, tmp_path / "deploy")


@pytest.fixture(scope="module")
def exported_code(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The names that infer.py defines, beside an engine that is never used."""
    folder = tmp_path_factory.mktemp("program")
    source = Path(__file__).parents[2] / "resources" / "export" / "infer.py.txt"
    (folder / "infer.py").write_text(source.read_text())
    (folder / "engine.py").write_text("Engine = None\n")
    path = list(sys.path)
    names = runpy.run_path(str(folder / "infer.py"))
    sys.path[:] = path
    del sys.modules["engine"]
    return names


@settings(deadline=None, max_examples=60)
@given(
    size=st.tuples(st.integers(4, 40), st.integers(4, 40)),
    target=st.tuples(st.integers(3, 24), st.integers(3, 24)),
    resize=st.sampled_from(["short-side", "stretch", "letterbox", "corner"]),
    fill=st.integers(0, 255),
    resize_to=st.none() | st.integers(3, 30),
    interpolation=st.sampled_from(["nearest", "bilinear", "bicubic", "lanczos", "area"]),
    colour=st.sampled_from(["RGB", "BGR", "grey"]),
    layout=st.sampled_from(["NCHW", "NHWC"]),
)
def test_that_the_program_prepares_images_exactly_as_they_were_when_measured(
    exported_code: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
    size: tuple[int, int],
    target: tuple[int, int],
    **how: Any,
) -> None:
    width, height = target
    contract = PreprocessingContract(width=width, height=height, mean=(0.4,), std=(0.3,), **how)
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    path = tmp_path_factory.mktemp("image") / "image.png"
    Image.fromarray(pixels).save(path)
    plain = contract.model_dump(mode="json")
    with Image.open(path) as image:
        fitted = exported_code["fitted"](exported_code["decoded"](image, plain), plain)
    found = exported_code["normalized"](fitted, plain)
    np.testing.assert_array_equal(found, prepare(path.read_bytes(), contract))


@pytest.mark.parametrize(
    ("runtime", "package", "line"),
    [
        ("onnxruntime-cuda", "onnxruntime-gpu", "CUDAExecutionProvider"),
        ("openvino-npu", "openvino", '"openvino-npu": "NPU"'),
    ],
)
def test_that_a_candidate_of_another_processor_asks_for_its_package_and_its_device(
    runtime: str,
    package: str,
    line: str,
    report: OptimizationReport,
    run_folder: Path,
    tmp_path: Path,
) -> None:
    first = report.candidates[0]
    plan = first.plan.model_copy(update={"runtime": RuntimeChoice(runtime=runtime)})
    elsewhere = first.model_copy(update={"plan": plan})
    changed = report.model_copy(update={"candidates": (elsewhere,)})
    out = tmp_path / "deploy"
    export_candidate(changed, run_folder, elsewhere.id, out)

    assert (out / "requirements.txt").read_text().splitlines()[0] == package
    assert line in (out / "engine.py").read_text()


def test_that_what_runs_on_an_npu_is_exported_in_openvinos_format_too() -> None:
    assert reads_ir("openvino-npu")
    assert not reads_ir("onnxruntime-openvino")
