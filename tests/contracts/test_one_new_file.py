"""Adding a variant is one new file: these tests add one to a copy of the program and use it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent

TECHNIQUE = """
import shutil

from core.parameters import Toggle
from core.techniques.base import Technique, TechniqueInput, TechniqueOutcome, Variant


class Dummy(Technique):
    name = "dummy"
    label = "Dummy"
    short = "DUM"
    summary = "Copies the model."
    parameters = (Toggle("loud", "Loud", "Says so.", default=False),)
    variants = (Variant("dummy", "Dummy, as it is"),)

    def refusal(self, layer, graph):
        return None

    def rewrite(self, work: TechniqueInput) -> TechniqueOutcome:
        shutil.copy(work.source, work.target)
        return TechniqueOutcome(tuple(work.choices))
"""

RUNTIME = """
from core.runtimes.base import Availability, Runtime


class Dummy(Runtime):
    name = "dummy"
    label = "Dummy"

    def availability(self):
        return Availability(reason="The dummy is never there. Do without it.")

    def load_library(self):
        pass

    def precisions(self):
        return ("f32",)

    def compile(self, model, choice, *, profile=False):
        raise NotImplementedError
"""

FORMAT = """
from core.formats.base import Format
from core.model.graph import ModelGraph


class Dummy(Format):
    name = "dummy"
    label = "Dummy"
    suffixes = (".dummy",)

    def sniff(self, path):
        return path.read_bytes().startswith(b"DUMMY")

    def check_runnable(self, path):
        pass

    def read_graph(self, path):
        return ModelGraph(path.stem, self.name, "Dummy 1", "", (), (), (), {}, {}, 5, "0")
"""

DEVICE = """
from core.devices.base import Device, DeviceFacts, DeviceState


class Dummy(Device):
    name = "dummy"
    label = "Dummy"

    def scan(self):
        return (
            DeviceFacts(
                id="dummy", name="Dummy", kind="dummy", processor="none", architecture="none",
                cores=1, threads=1, memory_bytes=1, instructions=(), boost="None",
                boost_detail="None.", runtimes={}, missing_runtimes={}, operating_system="none",
            ),
        )

    def state(self, device):
        return DeviceState()
"""

METRIC = """
from core.data.metrics.base import ClassMetric


class Dummy(ClassMetric):
    name = "dummy"
    label = "dummy score"

    def hits(self, outputs, labels, reference):
        return outputs.argmax(axis=1) >= 0
"""

BROKEN = "import a_library_that_nobody_has\n"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources with one new file per kind of variant, and one that is broken."""
    copy = tmp_path_factory.mktemp("program")
    for package in ("core", "resources"):
        ignored = shutil.ignore_patterns("__pycache__", "samples")
        shutil.copytree(REPOSITORY / package, copy / package, ignore=ignored)
    for place, source in {
        "core/techniques/dummy.py": TECHNIQUE,
        "core/runtimes/dummy.py": RUNTIME,
        "core/formats/dummy.py": FORMAT,
        "core/devices/dummy.py": DEVICE,
        "core/data/metrics/dummy.py": METRIC,
        "core/techniques/broken.py": BROKEN,
    }.items():
        (copy / place).write_text(source)
    return copy


def run(program: Path, code: str) -> str:
    start = f"import sys; sys.path.insert(0, {str(program)!r}); "
    command = [sys.executable, "-I", "-c", start + code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_that_the_copy_is_what_runs(program: Path) -> None:
    assert run(program, "import core; print(core.__file__)").startswith(str(program))


def test_that_a_new_technique_is_offered_checked_and_raced(program: Path) -> None:
    code = (
        "from core.techniques import techniques; from core.plan.recipes import recipes; "
        "print('dummy' in techniques(), [r.label for r in recipes() if r.id == 'dummy'])"
    )
    assert run(program, code) == "True ['Dummy, as it is']"


def test_that_a_new_technique_compresses(program: Path, tiny_model: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.onnx"
    code = (
        "from pathlib import Path; from core.formats import read_graph; "
        "from core.plan.plan import CompressionPlan, Step; from core.plan.apply import apply_plan; "
        f"source = Path({str(tiny_model)!r}); target = Path({str(target)!r}); "
        "plan = CompressionPlan(steps=(Step(technique='dummy', default={}),)); "
        "print(len(apply_plan(plan, source, target, read_graph(source)).treated))"
    )
    assert int(run(program, code)) == 7
    assert target.read_bytes() == tiny_model.read_bytes()


def test_that_a_new_runtime_is_listed_with_its_reason(program: Path) -> None:
    code = (
        "from core.devices import find_device; "
        "print(find_device('local').missing_runtimes['dummy'])"
    )
    assert run(program, code) == "The dummy is never there. Do without it."


def test_that_a_new_format_is_recognized_by_its_content(program: Path, tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"DUMMY")
    code = (
        "from pathlib import Path; from core.formats import read_graph; "
        f"print(read_graph(Path({str(tmp_path / 'model.bin')!r})).version)"
    )
    assert run(program, code) == "Dummy 1"


def test_that_a_new_device_is_found(program: Path) -> None:
    assert run(
        program, "from core.devices import find_device; print(find_device('dummy').name)"
    ) == ("Dummy")


def test_that_a_new_device_appears_on_the_command_line(program: Path) -> None:
    answer = run(
        program, "from core.__main__ import main; raise SystemExit(main(['devices', '--json']))"
    )
    assert [device["id"] for device in json.loads(answer)["devices"]] == ["local", "dummy"]


def test_that_a_new_metric_is_scored(program: Path) -> None:
    code = (
        "import numpy; from core.data.metrics import metrics_for; "
        "from core.data.standard import Standard; from core.data.tensors import Tensors; "
        "answers = Tensors({'scores': numpy.eye(10, dtype='float32')[:, None]}); "
        "print([metric.name for metric in metrics_for(Standard(answers))])"
    )
    assert "dummy" in run(program, code)


def test_that_a_broken_variant_is_listed_with_its_reason_and_harms_no_other(
    program: Path,
) -> None:
    code = (
        "from core.techniques import techniques; "
        "print(techniques().failed['broken'], 'int8' in techniques())"
    )
    assert run(program, code) == (
        "ModuleNotFoundError: No module named 'a_library_that_nobody_has' True"
    )
