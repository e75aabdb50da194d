import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest

from core.errors import UserError
from core.jobs.runner import run_job
from core.remote.boards import add_board
from core.remote.connection import connect
from core.remote.jetson_ground import JetsonGround
from tests.fake_tools.jetson import FakeJetson, fake_jetson
from tests.remote.jetson_work import contender

if TYPE_CHECKING:
    from core.data.tensors import Tensors

ROWS = np.random.default_rng(0).normal(size=(3, 3, 16, 16)).astype(np.float32)


def teach(fake: FakeJetson, model: Path) -> list[np.ndarray]:
    """Let the board answer as the model does, in the six digits that trtexec writes."""
    session = onnxruntime.InferenceSession(model)
    name = session.get_inputs()[0].name
    answers: list[np.ndarray] = []
    for row in ROWS:
        (answer,) = session.run(None, {name: row[np.newaxis]})
        told = {
            "name": session.get_outputs()[0].name,
            "dimensions": "x".join(map(str, answer.shape)),
            "values": [float(f"{value:.6g}") for value in answer.reshape(-1)],
        }
        digest = hashlib.sha256(row.tobytes()).hexdigest()
        (fake.root / "answers" / f"{digest}.json").write_text(json.dumps([told]))
        answers.append(answer)
    return answers


def ask(fake: FakeJetson, model: Path, folder: Path) -> "Tensors":
    inputs = folder / "inputs.npy"
    np.save(inputs, ROWS)
    with connect(fake.board) as connection:
        return JetsonGround(connection, lambda: None).evaluate(
            contender(model),
            inputs,
            folder / "outputs",
            progress=lambda done, total, text: None,
            check_cancelled=lambda: None,
        )


def test_that_the_boards_answers_are_fetched_for_the_same_inputs(
    tiny_model: Path, tmp_path: Path
) -> None:
    with fake_jetson(tmp_path / "board", "xavier-nx-jetpack-5.1") as fake:
        expected = teach(fake, tiny_model)
        outputs = ask(fake, tiny_model, tmp_path)
        left = list((fake.home / ".edgewright/runs").iterdir())

    assert outputs.count == len(ROWS)
    for index, answer in enumerate(expected):
        (found,) = outputs.sample(index).values()
        np.testing.assert_allclose(found, answer, rtol=1e-5, atol=1e-6)
    assert left == []


def test_that_an_answer_may_be_longer_than_what_a_command_says(
    tiny_model: Path, tmp_path: Path
) -> None:
    with fake_jetson(tmp_path / "board", "xavier-nx-jetpack-5.1") as fake:
        teach(fake, tiny_model)
        file = next((fake.root / "answers").iterdir())
        file.write_text(file.read_text() + " " * 20_000_000)

        assert ask(fake, tiny_model, tmp_path).count == len(ROWS)


def test_that_answers_of_another_model_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    with fake_jetson(tmp_path / "board", "xavier-nx-jetpack-5.1") as fake:
        teach(fake, tiny_model)
        for file in (fake.root / "answers").iterdir():
            file.write_text('[{"name": "other", "dimensions": "1", "values": [1]}]')

        with pytest.raises(UserError, match="does not answer as the model does"):
            ask(fake, tiny_model, tmp_path)

    assert not (tmp_path / "outputs").exists()


def test_that_bench_measures_on_a_jetson_by_its_name(tiny_model: Path, tmp_path: Path) -> None:
    from core.jobs.kinds.bench import BenchReport, BenchRequest

    with fake_jetson(tmp_path / "board", "orin-nano-jetpack-6.2") as fake:
        add_board(fake.board)
        request = BenchRequest(
            models=(tiny_model,), device="My Jetson", power_mode="15W", hold_clocks=True
        )
        report = run_job("bench", request, tmp_path / "run")

    assert isinstance(report, BenchReport)
    (result,) = report.results
    assert result.provenance.runtime.runtime == "tensorrt"
    assert result.energy is not None
    assert result.energy.power_mode == "15W"
    assert fake.remembered("modes-set") == "0 1 "
