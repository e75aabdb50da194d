import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from core.benchmark.contender_process import Contender, ContenderProcess
from core.benchmark.evaluation import evaluate
from core.errors import JobCancelled, UserError, WorkerDied
from core.plan.plan import RuntimeChoice
from core.runtimes import runtimes

RUNTIMES = ("onnxruntime", "openvino")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_that_a_contender_compiles_times_reports_and_tells_its_memory(
    runtime: str, tiny_model: Path, real: Callable[[str, Path], Contender]
) -> None:
    with ContenderProcess(real(runtime, tiny_model)) as process:
        loaded = process.load()
        samples = process.block(0.02)
        report = process.report()
        peak = process.peak_memory_bytes()

    assert loaded.compile_ms > 0
    assert loaded.first_ms > 0
    assert loaded.threads == 1
    assert samples
    assert min(samples) > 0
    assert any("stem/Conv" in layer.layers for layer in report.layers)
    assert any(layer.milliseconds is not None for layer in report.layers)
    assert peak > 20_000_000


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_that_an_evaluation_writes_what_the_model_answers_to_every_input(
    runtime: str, tiny_model: Path, tmp_path: Path, real: Callable[[str, Path], Contender]
) -> None:
    rows = np.random.default_rng(0).standard_normal((5, 3, 16, 16)).astype(np.float32)
    inputs, outputs = tmp_path / "inputs.npy", tmp_path / "outputs"
    np.save(inputs, rows)

    written = evaluate(real(runtime, tiny_model), inputs, outputs).columns["scores"]

    session = runtimes()["onnxruntime"].compile(tiny_model, RuntimeChoice(runtime="onnxruntime"))
    expected = np.concatenate([session.infer({"image": row[None]})["scores"] for row in rows])
    session.close()
    assert written.dtype == np.float32
    written = np.concatenate(list(written))
    # Loose enough for processors on which OpenVINO computes in bfloat16.
    np.testing.assert_allclose(written, expected, rtol=0.05, atol=0.05)


def test_that_an_evaluation_tells_how_far_it_is(stubs, tmp_path: Path) -> None:
    inputs = tmp_path / "inputs.npy"
    np.save(inputs, np.ones((30, 2), np.float32))
    told: list[tuple[float, float, str]] = []

    answers = evaluate(
        stubs.add("slow", sleep_ms=30),
        inputs,
        tmp_path / "outputs",
        progress=lambda done, total, text: told.append((done, total, text)),
        launch=stubs.launch,
    )

    assert told
    assert all(0 < done <= total == 30 and "Stub slow" in text for done, total, text in told)
    doubled = np.concatenate(list(answers.columns[answers.names[0]]))
    np.testing.assert_array_equal(doubled, 2 * np.load(inputs))


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGKILL"])
@pytest.mark.parametrize("after", [0, 40])
def test_that_a_contender_killed_by_a_signal_is_named_with_the_signal(
    stubs, name: str, after: int
) -> None:
    contender = stubs.add("fragile", sleep_ms=1, dies_by=name, dies_after=after)

    with (
        ContenderProcess(contender, launch=stubs.launch) as process,
        pytest.raises(WorkerDied) as caught,
    ):
        process.load()
        while True:
            process.block(0.02)

    assert "Stub fragile" in caught.value.what
    assert name in caught.value.why


def test_that_a_refusal_arrives_as_the_sentences_that_the_runtime_gave(stubs) -> None:
    contender = stubs.add("unwilling", refuses=True)

    with (
        ContenderProcess(contender, launch=stubs.launch) as process,
        pytest.raises(UserError) as caught,
    ):
        process.load()

    assert caught.value.what == "The stub cannot."
    assert caught.value.remedy == "Tell it otherwise."


def test_that_a_model_with_several_inputs_is_refused_images(
    tmp_path: Path, real: Callable[[str, Path], Contender], two_inputs_model: Path
) -> None:
    rows = tmp_path / "rows.npy"
    np.save(rows, np.ones((2, 4), np.float32))

    with (
        ContenderProcess(real("onnxruntime", two_inputs_model)) as process,
        pytest.raises(UserError, match="takes 2 inputs"),
    ):
        process.load(rows)


def test_that_native_chatter_on_stdout_disturbs_no_answer(stubs) -> None:
    with ContenderProcess(stubs.add("chatty", chatter=True), launch=stubs.launch) as process:
        process.load()
        assert process.block(0.001)


def test_that_a_block_can_be_cancelled_while_it_runs(stubs) -> None:
    asked = 0

    def cancel() -> None:
        nonlocal asked
        asked += 1
        if asked > 5:
            raise JobCancelled

    contender = stubs.add("slow", sleep_ms=20)
    with pytest.raises(JobCancelled), ContenderProcess(contender, cancel, stubs.launch) as process:
        process.load()
        process.block(1000)

    assert not psutil.pid_exists(process.pid)


def test_that_a_contender_never_outlives_the_process_that_started_it(stubs) -> None:
    contender = stubs.add("orphan", sleep_ms=1)
    script = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        'child.stdin.write(b\'{"type":"load","model":"m","choice":{"runtime":"stub"}}\\n\')\n'
        "child.stdin.flush()\n"
        "child.stdout.readline()\n"
        'child.stdin.write(b\'{"type":"block","seconds":1000}\\n\')\n'
        "child.stdin.flush()\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    command = [sys.executable, "-c", script, *stubs.launch(contender)]
    parent = subprocess.run(command, stdout=subprocess.PIPE, check=False)

    assert parent.returncode == -signal.SIGKILL
    try:
        psutil.Process(int(parent.stdout)).wait(timeout=30)
    except psutil.NoSuchProcess:
        return
    assert not psutil.pid_exists(int(parent.stdout))


def test_that_processor_time_of_a_contender_is_read_from_outside(stubs) -> None:
    with ContenderProcess(stubs.add("busy", work=50), launch=stubs.launch) as process:
        process.load()
        before = process.cpu_seconds()
        process.block(0.1)
        used = process.cpu_seconds() - before
        seen = sum(psutil.Process(process.pid).cpu_times()[:2])

    assert used > 0
    assert process.pid != os.getpid()
    assert before + used == pytest.approx(seen, abs=0.1)
