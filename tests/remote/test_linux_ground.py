"""Models on a Linux board with the real agent: figures, answers, refusals, and an orderly end."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.benchmark.contender_process import Contender
from core.benchmark.evaluation import evaluate
from core.errors import JobCancelled, UserError
from core.plan.plan import RuntimeChoice
from core.remote.agent_messages import Looked, answer_from_json
from core.remote.board import Board
from core.remote.connection import connect
from core.remote.linux_ground import LinuxGround
from core.remote.luggage import Luggage
from tests.remote.ending import wait_until_over
from tests.remote.hostile import CANARY, hostile_names
from tests.remote.sshd import Sshd


@pytest.fixture
def ground(board: Board) -> Iterator[LinuxGround]:
    with connect(board) as connection, LinuxGround(connection, lambda: None) as ground:
        yield ground


def contender(model: Path, runtime: str = "onnxruntime", **choice: int) -> Contender:
    taken = RuntimeChoice(runtime=runtime, threads=1, **choice)
    return Contender(id=runtime, label=runtime, model=model, choice=taken)


def quietly(done: float, total: float, text: str) -> None:
    pass


def test_that_models_are_measured_there_as_here_and_one_that_fails_stops_no_other(
    ground: LinuxGround, board: Board, tiny_model: Path, tmp_path: Path, sshd: Sshd
) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(tiny_model.read_bytes().replace(b"GlobalAveragePool", b"GlobalAveragePoll"))
    three = [
        contender(tiny_model),
        contender(tiny_model, "openvino"),
        contender(broken, "openvino").model_copy(update={"id": "broken"}),
    ]

    results, samples = ground.measure(
        three, blocks=2, patience=0, feeds=None, progress=quietly, check_cancelled=lambda: None
    )

    assert [result.contender for result in results] == ["onnxruntime", "openvino"]
    for result in results:
        assert result.latency_ms.low <= result.latency_ms.value <= result.latency_ms.high
        assert result.peak_memory_bytes and result.peak_memory_bytes > 1e7
        assert result.layers
        device = result.provenance.device
        assert (device.id, device.name, device.kind) == (board.id, board.name, "linux")
        assert {"onnxruntime", "openvino", "numpy"} <= result.provenance.versions.keys()
    assert "OpenVINO cannot run" in samples.failures["broken"]
    assert len(samples.blocks) >= 4
    names = {file.name for file in (sshd.home / ".edgewright" / "files").rglob("*")}
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in names - {"model.onnx", "inputs.npy"})


def test_that_answers_there_are_those_of_here(
    ground: LinuxGround, tiny_model: Path, tmp_path: Path
) -> None:
    inputs = tmp_path / "inputs.npy"
    np.save(inputs, np.random.default_rng(0).normal(size=(5, 3, 16, 16)).astype(np.float32))
    told: list[float] = []

    there = ground.evaluate(
        contender(tiny_model),
        inputs,
        tmp_path / "there",
        progress=lambda done, total, text: told.append(done),
        check_cancelled=lambda: None,
    )

    here = evaluate(contender(tiny_model), inputs, tmp_path / "here")
    assert there.names == here.names
    np.testing.assert_allclose(there.stacked("scores"), here.stacked("scores"), rtol=1e-5)


def test_that_cancelling_ends_the_agent_and_every_contender_there(
    board: Board, tiny_model: Path
) -> None:
    stop = [False]

    def check() -> None:
        if stop[0]:
            raise JobCancelled

    def progress(done: float, total: float, text: str) -> None:
        if text.startswith("Timing"):
            stop[0] = True

    before = {child.pid for child in psutil.process_iter() if _is_ours(child)}
    with (
        pytest.raises(JobCancelled),
        connect(board, check_cancelled=check) as connection,
        LinuxGround(connection, check) as ground,
    ):
        ground.measure(
            [contender(tiny_model)],
            blocks=2,
            patience=0,
            feeds=None,
            progress=progress,
            check_cancelled=check,
        )
    left = [child for child in psutil.process_iter() if _is_ours(child) and child.pid not in before]
    wait_until_over(*left)


def _is_ours(process: psutil.Process) -> bool:
    """An agent, or a contender of an agent."""
    try:
        return "/.edgewright/agent-" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def test_that_files_keep_no_name_of_theirs_on_the_board(
    board: Board, tiny_model: Path, tmp_path: Path, sshd: Sshd
) -> None:
    names = [name for name in hostile_names(60) if name and "/" not in name and name != ".."]
    places: set[Path] = set()
    with connect(board) as connection:
        luggage = Luggage(connection, quietly)
        for number, name in enumerate(names):
            local = tmp_path / str(number) / f"{name[:100]}.onnx"
            local.parent.mkdir()
            local.write_bytes(tiny_model.read_bytes())
            places.add(luggage.contender(contender(local)).model)
    assert len(places) == 1, "equal files are brought once"
    assert [file for file in sshd.home.rglob("*") if CANARY in file.name] == []


def test_that_a_model_refused_there_is_refused_in_the_same_words(
    ground: LinuxGround, tmp_path: Path, tiny_model: Path
) -> None:
    inputs = tmp_path / "inputs.npy"
    np.save(inputs, np.zeros((1, 9, 9), np.float32))
    with pytest.raises(UserError):
        ground.evaluate(
            contender(tiny_model),
            inputs,
            tmp_path / "out",
            progress=quietly,
            check_cancelled=lambda: None,
        )


@given(st.data())
@settings(max_examples=300)
def test_that_nonsense_from_a_board_is_nothing_but_nonsense(data: st.DataObject) -> None:
    line = Looked(state={"clock_mhz": 1500.0, "governor": "performance"}).model_dump_json()
    place = data.draw(st.integers(0, len(line)))
    rest = line[place + data.draw(st.integers(0, 9)) :]
    text = line[:place] + data.draw(st.text(max_size=8)) + rest
    try:
        answer = answer_from_json(text)
    except ValidationError:
        return
    assert isinstance(answer, Looked)
    assert json.loads(answer.model_dump_json())["type"] == "looked"
