"""Is a model as fast over SSH as without? The same computer twice: as itself, and as a board.

A real sshd on loopback makes this computer a Linux board. Every model is measured by both ways in
one run: in each round both take a block, in random order, in fresh processes each time; compared
are paired blocks. What differs is only the way: the agent, its contenders and the waits are there.

    python tests/benchmarks/remote.py MODEL.onnx…
    python tests/benchmarks/remote.py --blocks 30 --runtime openvino MODEL.onnx

Needs openssh-server.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.benchmark.batches import with_batch
from core.benchmark.contender_process import Contender
from core.benchmark.lineup import Lineup, Pace
from core.benchmark.protocol import measure
from core.benchmark.samples import Samples, TimedBlock
from core.benchmark.statistics import ratio
from core.benchmark.team import Member, Team
from core.errors import UserError
from core.plan.plan import RuntimeChoice
from core.remote.agent_client import Agent
from core.remote.agent_program import agent_command, install_agent
from core.remote.board_team import BoardTeam
from core.remote.connection import connect
from core.remote.environment import ready_python
from core.remote.keys import own_key
from core.remote.luggage import Luggage
from core.remote.secure_shell import public_line_of
from tests.remote.sshd import Sshd

WITHIN = 0.05
HERE, THERE = "here", "there"
REST_SECONDS = 0.1
"""Threads of the one way that still spin would rob the other."""


class BothWays:
    """A team of two: one contender in a lineup of this computer, one in a lineup of the board."""

    def __init__(self, teams: Mapping[str, Team]) -> None:
        self._teams = teams
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for team in self._teams.values():
            self._stack.enter_context(team)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def runners(self) -> list[Member]:
        return [runner for team in self._teams.values() for runner in team.runners]

    @property
    def failures(self) -> dict[str, UserError]:
        return {id: why for team in self._teams.values() for id, why in team.failures.items()}

    def prepare(self, contenders: Sequence[Contender]) -> None:
        for contender in contenders:
            self._teams[contender.id].prepare([contender])

    def start(self, contender: Contender, feeds: Path | None) -> None:
        self._teams[contender.id].start(contender, feeds)

    def round(
        self, process: int, number: int, on_turn: Callable[[Contender], None]
    ) -> list[TimedBlock]:
        blocks: list[TimedBlock] = []
        for name in random.sample(list(self._teams), len(self._teams)):
            time.sleep(REST_SECONDS)
            blocks += self._teams[name].round(process, number, on_turn)
        return blocks


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL")
    parser.add_argument("--blocks", type=int, default=20)
    parser.add_argument("--runtime", action="append", default=[])
    options = parser.parse_args(arguments)
    lines = [f"{'model':<28}{'runtime':<13}{'here ms':>9}{'there ms':>9}  there / here"]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        os.environ["XDG_CONFIG_HOME"] = str(folder / "configuration")
        agent, luggage = _board(folder, stack)
        for model in options.models:
            fixed = with_batch(model.absolute(), 1, folder / model.stem)
            for runtime in options.runtime or ("onnxruntime", "openvino"):
                samples = _both(fixed, runtime, options.blocks, agent, luggage)
                lines.append(_line(model, runtime, samples))
                print(lines[-1], file=sys.stderr)
    print("\n".join(lines))


def _board(folder: Path, stack: ExitStack) -> tuple[Agent, Luggage]:
    sshd = Sshd(folder / "board")
    sshd.authorize(public_line_of(own_key()))
    stack.callback(sshd.stop)
    sshd.start()
    connection = stack.enter_context(connect(sshd.board))
    python = ready_python(connection).path
    command = agent_command(python, install_agent(connection, python))
    agent = stack.enter_context(Agent(connection, command, lambda: None))
    return agent, Luggage(connection, lambda done, total, text: None)


def _both(model: Path, runtime: str, blocks: int, agent: Agent, luggage: Luggage) -> Samples:
    def gather(pace: Pace, check_cancelled: Callable[[], None]) -> BothWays:
        there = BoardTeam(agent, luggage, pace)
        return BothWays({HERE: Lineup(pace, check_cancelled), THERE: there})

    choice = RuntimeChoice(runtime=runtime)
    contenders = [
        Contender(id=name, label=name, model=model, choice=choice) for name in (HERE, THERE)
    ]
    _, samples = measure(contenders, blocks=blocks, gather=gather)
    return samples


def _line(model: Path, runtime: str, samples: Samples) -> str:
    found = ratio(samples, THERE, HERE)
    here, there = (
        sorted(block.median_ms for block in samples.of(name))[len(samples.of(name)) // 2]
        for name in (HERE, THERE)
    )
    estimate = found.ratio
    verdict = "within 5 %" if abs(estimate.value - 1) <= WITHIN else "NOT within 5 %"
    figures = f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
    bad = f"; {samples.rounds_disturbed} of {samples.rounds} rounds were disturbed"
    return f"{model.name:<28}{runtime:<13}{here:>9.3f}{there:>9.3f}  {figures}  {verdict}{bad}"


if __name__ == "__main__":
    main(sys.argv[1:])
