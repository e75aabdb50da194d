"""What the agent on a board does when its own work goes wrong."""

from pathlib import Path

import pytest

from core.benchmark.contender_process import Contender
from core.benchmark.messages import Evaluate
from core.plan.plan import RuntimeChoice
from core.remote.agent import Agent
from core.remote.agent_messages import Errand


def test_that_a_defect_during_an_errand_is_raised_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def defect(contender: Contender) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("core.remote.agent.ContenderProcess", defect)
    choice = RuntimeChoice(runtime="onnxruntime")
    contender = Contender(id="a", label="A", model=Path("a.onnx"), choice=choice)
    work = Evaluate(inputs="in.npy", outputs="out")

    with pytest.raises(RuntimeError, match="a defect"):
        list(Agent().answers(Errand(contender=contender, feeds=None, work=work)))
