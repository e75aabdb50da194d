"""Every command: what it prints, where, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import onnx
import psutil
import pytest
from onnx import TensorProto, helper

from core.__main__ import main
from core.commands import commands
from core.commands.schemas import schemas, text_of
from core.project.project import Project

PATIENCE = 120


def check_schema(name: str, answer: dict[str, Any]) -> None:
    text = (files("resources") / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(json.loads(text)).validate(answer)


def test_that_every_command_can_be_loaded() -> None:
    assert commands().failed == {}
    assert {command.name for command in commands()} == {
        *("inspect", "plan", "optimize", "bench", "compare", "devices", "export", "demo"),
        *("sweep", "profile", "sensitivity", "map", "edit", "diff", "convert", "doctor"),
        *("advise", "preflight", "profiles", "forecast"),
    }


@pytest.mark.parametrize("name", schemas())
def test_that_the_published_schema_is_that_of_the_answer(name: str) -> None:
    """Renew with: python -m core.commands.schemas resources/schemas"""
    published = (files("resources") / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    assert published == text_of(schemas()[name])


def test_that_inspect_describes_a_model(edgewright: Any, tiny_model: Path) -> None:
    said = edgewright("inspect", tiny_model, "--json")
    assert said.code == 0
    check_schema("inspect", said.json)
    assert said.json["layers"] == 7
    assert "Reading the model" in said.err


def test_that_words_are_for_people_and_progress_stays_off_stdout(
    edgewright: Any, tiny_model: Path
) -> None:
    said = edgewright("inspect", tiny_model)
    assert "Parameters:" in said.out
    assert "Reading the model" not in said.out


def test_that_devices_lists_this_computer(edgewright: Any) -> None:
    said = edgewright("devices", "--json")
    check_schema("devices", said.json)
    assert said.json["devices"][0]["id"] == "local"


def test_that_bench_measures_each_model_on_the_chosen_runtime(
    edgewright: Any, tiny_model: Path
) -> None:
    words = ("--runtime", "onnxruntime", "--blocks", "2", "--patience", "0", "--threads", "1")
    said = edgewright("bench", tiny_model, tiny_model, *words, "--json")
    assert said.code == 0, said.err
    check_schema("bench", said.json)
    assert len(said.json["results"]) == 2
    assert said.json["ratios"][0]["ratio"]["low"] <= said.json["ratios"][0]["ratio"]["high"]


def test_that_a_sweep_tells_rates_and_a_limit_that_nothing_keeps_ends_with_1(
    edgewright: Any, tiny_model: Path
) -> None:
    words = ("--runtime", "onnxruntime", "--batches", "2", "--streams", "1", "--blocks", "2")
    said = edgewright("sweep", tiny_model, *words, "--latency-limit", "0.0001", "--json")
    assert said.code == 1, said.err
    check_schema("sweep", said.json)
    (cell,) = said.json["cells"]
    assert (cell["batch"], cell["streams"]) == (2, 1)
    assert cell["throughput"]["low"] <= cell["throughput"]["value"] > 0
    assert said.json["sweet_spot"] is None


def test_that_plan_writes_a_plan_that_can_be_read_again(
    edgewright: Any, tiny_model: Path, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    words = ("--int8", "all", "--int8.symmetric", "no", "--keep", "head/*", "--out", file)
    made = edgewright("plan", tiny_model, *words, "--json")
    assert made.code == 0, made.err
    check_schema("plan", made.json)
    assert made.json["predicted_bytes"] < made.json["file_bytes"]
    read = edgewright("plan", tiny_model, "--from", file, "--json")
    assert read.json["plan"] == made.json["plan"]
    assert read.json["plan"]["steps"][0]["default"] == {"symmetric": False}
    assert read.json["plan"]["steps"][0]["layers"] == {"head/Gemm": None, "head/Pool": None} | {
        "head/Flatten": None
    }


def test_that_plan_reports_all_problems_and_ends_with_2(
    edgewright: Any, tiny_model: Path, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    layers = {"stem/Conv": {"symmetric": "perhaps"}, "absent": {}}
    file.write_text(json.dumps({"steps": [{"technique": "int8", "layers": layers}]}))
    said = edgewright("plan", tiny_model, "--from", file, "--no-images", "--json")
    assert said.code == 2
    check_schema("plan", said.json)
    places = {(problem["layer"], problem["field"]) for problem in said.json["problems"]}
    assert {("stem/Conv", "symmetric"), ("absent", None), (None, "technique")} <= places
    assert all(problem["remedy"] for problem in said.json["problems"])


def test_that_compare_tells_speed_and_answers(
    edgewright: Any, tiny_model: Path, tiny_data: Path
) -> None:
    words = ("--data", tiny_data, "--blocks", "2", "--patience", "0", "--json")
    said = edgewright("compare", tiny_model, tiny_model, *words)
    assert said.code == 0, said.err
    check_schema("compare", said.json)
    answers = said.json["answers"]
    assert answers["agreement"]["value"] == 1.0
    assert answers["changes"] == []
    assert [result["contender"] for result in answers["accuracy"]] == ["a", "b"]
    assert said.json["ratio"]["words"]


def test_that_optimize_prints_one_documented_object(optimized: Any) -> None:
    said = optimized.said
    check_schema("optimize", said.json)
    assert said.code == (0 if said.json["met"] else 1), said.err
    standings = {each["id"]: each["standing"] for each in said.json["candidates"]}
    assert "baseline" in standings.values()
    assert all(each["reason"] for each in said.json["candidates"])
    assert said.json["why"]
    assert Path(said.json["run"]).is_dir()


def test_that_the_project_holds_what_optimize_printed(optimized: Any) -> None:
    project = Project.open(optimized.folder, read_only=True)
    latest = project.latest_report()
    assert latest is not None
    run, report = latest
    assert str(run.folder) == optimized.said.json["run"]
    assert report.model_dump(mode="json").items() <= optimized.said.json.items()
    assert project.state.goal.aim == "size"


def test_that_export_writes_a_folder_whose_sums_are_right(
    edgewright: Any, optimized: Any, tmp_path: Path
) -> None:
    candidate = optimized.said.json["candidates"][0]["id"]
    out = tmp_path / "deploy"
    said = edgewright("export", optimized.folder, "--out", out, "--candidate", candidate, "--json")
    assert said.code == 0, said.err
    check_schema("export", said.json)
    assert set(said.json["files"]) == {path.name for path in out.iterdir()}
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=out, check=True)


def test_that_a_goal_that_nothing_meets_ends_with_1(
    edgewright: Any, tiny_model: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text('{"name": "Nothing"}')
    words = ("--plan", plan, "--goal", "size", "--effort", "quick", "--out", tmp_path / "p")
    said = edgewright("optimize", tiny_model, *words, "--runtime", "onnxruntime")
    assert said.code == 1, said.err
    assert "Accuracy not checked" in said.out


def test_that_a_project_is_about_one_model(
    edgewright: Any, optimized: Any, sample_model: Path
) -> None:
    said = edgewright("optimize", sample_model, "--out", optimized.folder, "--json")
    assert said.code == 2
    check_schema("error", said.json)
    assert "another model" in said.json["error"]["what"]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("inspect", "absent.onnx"), "absent.onnx"),
        (("inspect", "/dev/null"), "no model"),
        (("optimize", "absent.onnx", "--max-drop", "a lot"), "share such as 1%"),
        (("optimize", "absent.onnx", "--threads", "-1"), "no whole number"),
        (("bench", "absent.onnx", "--runtime", "abacus"), "no runtime “abacus”"),
        (("compare", "absent.onnx"), "required"),
        (("export", "absent", "--out", "x"), "not an Edgewright project"),
        (("bake",), "invalid choice"),
        ((), "required"),
    ],
)
def test_that_bad_input_ends_with_2_and_says_what_to_do(
    edgewright: Any, words: tuple[str, ...], part: str
) -> None:
    said = edgewright(*words)
    assert said.code == 2
    assert said.out == ""
    assert part in said.err
    assert len(said.err.strip().splitlines()) >= 3
    assert "Traceback" not in said.err


def bad_images(folder: Path, kind: str) -> Path:
    (folder / "cats").mkdir(parents=True)
    if kind == "no images":
        (folder / "cats" / "readme.txt").write_text("nothing here")
    elif kind == "not images":
        for number in range(3):
            (folder / "cats" / f"{number}.png").write_text("this is no image")
    return folder


@pytest.mark.parametrize("kind", ["no images", "not images", "absent"])
def test_that_images_that_cannot_be_used_end_with_2_and_lose_nothing(
    edgewright: Any, tiny_model: Path, tmp_path: Path, kind: str
) -> None:
    data = tmp_path / "absent" if kind == "absent" else bad_images(tmp_path / "images", kind)
    project = tmp_path / "project"
    said = edgewright("optimize", tiny_model, "--data", data, "--out", project, "--json")
    assert said.code == 2, said.err
    check_schema("error", said.json)
    assert said.json["error"]["remedy"]
    with Project.open(project) as found:
        assert found.model_path is not None
        assert found.model_path.read_bytes() == tiny_model.read_bytes()
        assert found.runs() == ()


def test_that_a_model_that_takes_no_image_is_said(
    edgewright: Any, tmp_path: Path, tiny_data: Path
) -> None:
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("Relu", ["numbers"], ["scores"], "relu")],
            "numbers",
            [helper.make_tensor_value_info("numbers", TensorProto.FLOAT, [1, 10])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 10])],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=10,
    )
    onnx.save(model, tmp_path / "numbers.onnx")
    words = ("--data", tiny_data, "--out", tmp_path / "project", "--json")
    said = edgewright("optimize", tmp_path / "numbers.onnx", *words)
    assert said.code == 2, said.err
    assert "image" in said.json["error"]["what"] + said.json["error"]["why"]


def test_that_a_full_disk_ends_with_2_in_words(sample_model: Path, tmp_path: Path) -> None:
    """The limit on the size of files stands for the end of the disk."""
    command = [sys.executable, "-m", "core", "optimize", str(sample_model)]
    limited = ["sh", "-c", 'ulimit -f 40; exec "$@"', "sh", *command, "--out", str(tmp_path / "p")]
    done = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no room" in done.stderr
    assert "Traceback" not in done.stderr


def test_that_a_failure_is_one_documented_object_too(edgewright: Any) -> None:
    said = edgewright("inspect", "absent.onnx", "--json")
    check_schema("error", said.json)
    assert said.json["error"]["code"] == said.code == 2


def test_that_a_reader_that_has_seen_enough_is_no_fault(tiny_model: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "core", "inspect", str(tiny_model)]

    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)

    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("patience", ["-3", "nan", "long", "86401"])
def test_that_a_patience_that_is_none_is_refused_in_words(
    edgewright: Any, tiny_model: Path, patience: str
) -> None:
    said = edgewright("bench", tiny_model, "--patience", patience)
    assert said.code == 2
    assert f"“{patience}” is no number of seconds from 0 to 86400" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "MODEL", "MODEL", "--csv"),
        ("map", "MODEL", "--csv"),
        ("map", "MODEL", "--out"),
        ("advise", "MODEL", "--profile", "intel-cpu", "--out"),
        ("plan", "MODEL", "--out"),
    ],
    ids=lambda words: f"{words[0]} {words[-1]}",
)
def test_that_a_file_that_cannot_be_written_is_refused_before_the_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    words = tuple(str(tmp_path / "absent.onnx") if word == "MODEL" else word for word in words)
    missing = tmp_path / "absent"
    assert main([*words, str(missing / "table.csv")]) == 2
    said = capsys.readouterr().err
    assert f"{words[-1]}: there is no folder “{missing}” to write into" in said
    assert main([*words, str(tmp_path)]) == 2
    assert f"“{tmp_path}” is a folder; give the name of a file" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["map", "optimize"])
def test_that_a_metric_without_images_is_refused(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main([command, "model.onnx", "--metric", "top1"]) == 2
    assert "no images were given" in capsys.readouterr().err


def start_bench(model: Path) -> "tuple[subprocess.Popen[str], psutil.Process]":
    """A command in the midst of its work, and its worker."""
    command = [sys.executable, "-m", "core", "bench", str(model), "--blocks", "1000"]
    # Tests that a shell runs in the background ignore Ctrl+C, and programs would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    signal.signal(signal.SIGINT, before)
    assert process.stderr is not None
    assert "Measuring" in process.stderr.readline()
    (worker,) = psutil.Process(process.pid).children()
    return process, worker


def test_that_a_killed_worker_ends_with_3_and_names_the_signal(tiny_model: Path) -> None:
    process, worker = start_bench(tiny_model)
    worker.kill()
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3
    assert out == ""
    assert "SIGKILL" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_that_an_interrupted_command_cancels_its_job_and_ends_with_130(
    tiny_model: Path, number: signal.Signals
) -> None:
    process, worker = start_bench(tiny_model)
    descendants = [worker, *worker.children(recursive=True)]
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Cancelled." in err
    _, alive = psutil.wait_procs(descendants, timeout=PATIENCE)
    assert not alive


def test_that_a_killed_command_takes_its_worker_along(tiny_model: Path) -> None:
    process, worker = start_bench(tiny_model)
    process.kill()
    process.communicate(timeout=PATIENCE)
    _, alive = psutil.wait_procs([worker], timeout=PATIENCE)
    assert not alive


def test_that_an_interrupted_optimization_goes_on_with_what_it_had(
    edgewright: Any, tiny_model: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    plan = tmp_path / "plan.json"
    plan.write_text('{"name": "FP16", "steps": [{"technique": "fp16", "default": {}}]}')
    words = ["optimize", tiny_model, "--plan", plan, "--effort", "quick", "--out", project]
    words += ["--runtime", "onnxruntime"]
    process = subprocess.Popen(
        [sys.executable, "-m", "core", *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE
    while not (kept := list(project.glob("runs/*.partial/results/*.json"))):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.wait()
    contents = {path.name: path.read_bytes() for path in kept}
    said = edgewright(*words, "--json")
    assert said.code in (0, 1), said.err
    assert [path.name for path in (project / "runs").iterdir()] == ["0001-optimize"]
    results = project / "runs" / "0001-optimize" / "results"
    assert {name: (results / name).read_bytes() for name in contents} == contents
