"""What TensorRT's own parser says of models and of the INT8 models that Edgewright makes of them.

    python tests/benchmarks/tensorrt_rtx.py MODEL=IMAGES… [--python FILE] [--torch FILE]

Each MODEL is made into every INT8 and FP16 model that Edgewright's recipes give, calibrated on its
IMAGES. The parser of tensorrt-rtx reads each, and engines are built for GPUs that are not here:
compute capability 8.6 and 8.9 (--build-for). Beside it stands what the pre-flight doctor says from
its tables alone. What it calls unfit and can mend is mended as its one click would be, and asked
again.
--python has tensorrt-rtx-cu12, where this one has not; --torch converts PyTorch files first.

Ends with 1 where an original or a symmetric INT8 model is refused, not built or taken with
warnings, where the doctor lets something pass that the parser refuses, or where a mended model is
not taken.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.commands.base import run_apart
from core.formats import format_of, read_graph
from core.jobs.kinds.convert import ConvertRequest
from core.model.identity import stamp
from core.plan.apply import apply_plan
from core.plan.plan import CompressionPlan
from core.plan.recipes import KEEP, Recipe, recipes
from core.runtimes import runtimes
from core.search.images import PreparedImages, prepare_images
from core.tensorrt.preflight import preflight
from core.tensorrt.preflight_report import ParserVerdict, PreflightReport, PreflightRequest
from core.tensorrt.preflight_shapes import suggested_shapes
from core.tensorrt.rtx import ask_parser, parser_python
from core.tensorrt.target import TensorRtTarget

NEWEST = TensorRtTarget(version="10.13.3")
"""The parser is that of TensorRT 10 and 11."""
MUST_PASS = frozenset({KEEP, "int8"})
"""Recipes that have to be taken without a word."""


_ASIDE = frozenset({"shapes", "opset"})
"""Rules of the doctor that the parser does not judge."""


@dataclass(frozen=True)
class Case:
    """A file that was made, and what each of the two says of it."""

    name: str
    recipe: str
    doctor: PreflightReport
    parser: ParserVerdict

    @property
    def foreseen(self) -> bool:
        """Whether the tables alone find what the parser refuses or warns of."""
        return self.spotless or any(one.rule not in _ASIDE for one in self.doctor.findings)

    @property
    def spotless(self) -> bool:
        built = all(self.parser.built.values()) and bool(self.parser.built)
        return self.parser.accepted and built and not self.parser.warnings

    def row(self) -> str:
        parser = "taken" if self.parser.accepted else "refused"
        warnings = f"{len(self.parser.warnings)} warnings" if self.parser.warnings else ""
        engines = " ".join(
            f"{capability}: {self.parser.engine_bytes.get(capability, 0) / 1e6:6.2f} MB "
            f"{self.parser.build_seconds.get(capability, 0):5.1f} s"
            if built
            else f"{capability}: not built"
            for capability, built in self.parser.built.items()
        )
        doctor = "ready" if self.doctor.ready else self.doctor.findings[0].title
        return f"{self.name:24s}{self.recipe:26s}{parser:9s}{warnings:12s}{engines:46s}{doctor}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", metavar="MODEL=IMAGES")
    parser.add_argument("--python", type=Path)
    parser.add_argument("--torch", type=Path)
    parser.add_argument("--build-for", nargs="+", default=["8.6", "8.9"])
    arguments = parser.parse_args()
    python = parser_python(arguments.python)
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(arguments.models):
            model, _, images = text.rpartition("=")
            place = Path(folder) / str(number)
            place.mkdir()
            source = as_onnx(Path(model), place, arguments.torch)
            for case in cases_of(source, Path(images), place, python, arguments.build_for):
                bad += judged(case)
    return 1 if bad else 0


def as_onnx(model: Path, folder: Path, torch: Path | None) -> Path:
    """The model itself, or what `edgewright convert` makes of it."""
    if format_of(model).name == "onnx":
        return model
    out = folder / f"{model.name.split('.')[0]}-{model.suffix[1:]}.onnx"
    request = ConvertRequest(model=model.absolute(), to="onnx", out=out, trusted=True, python=torch)
    run_apart("convert", request, lambda event: None)
    return out


def cases_of(
    model: Path, data: Path, folder: Path, python: Path, capabilities: list[str]
) -> Iterator[Case]:
    source = folder / "original.onnx"
    stamp(model, source)
    graph = read_graph(source)
    images = prepare_images(
        source,
        graph,
        runtimes()["onnxruntime"],
        data,
        contract=None,
        folder=folder,
        progress=lambda done, total, text: None,
    )

    def looked_at(file: Path, recipe: str, plan: CompressionPlan) -> Case:
        request = PreflightRequest(model=file, target=NEWEST, plan=plan)
        report = preflight(request)
        verdict = ask_parser(
            file,
            python=python,
            scratch=folder,
            shapes=suggested_shapes(report.forms),
            build_for=capabilities,
        )
        return Case(model.stem, recipe, report, verdict)

    for recipe in tried():
        made = apply(recipe.plan, recipe.id, source, images, folder)
        case = looked_at(made, recipe.id, recipe.plan)
        yield case
        safe = mended(case.doctor)
        if safe is not None:
            name = f"{recipe.id}, mended"
            yield looked_at(apply(safe, name, source, images, folder), name, safe)


def tried() -> list[Recipe]:
    """Keep, and every recipe that gives INT8 or FP16."""
    return [one for one in recipes() if one.id == KEEP or one.id.startswith(("int8", "fp16"))]


def apply(
    plan: CompressionPlan, name: str, source: Path, images: PreparedImages, folder: Path
) -> Path:
    target = folder / f"{name.replace(', ', '-')}.onnx"
    graph = read_graph(source)
    feeds, count = images.calibration_feeds, images.calibration_count
    apply_plan(plan, source, target, graph, feeds, calibration_count=count)
    return target


def mended(report: PreflightReport) -> CompressionPlan | None:
    """The plan of the first fix, where a finding about Q/DQ has one."""
    fixes = (fix for finding in report.findings for fix in finding.fixes)
    return next((fix.plan for fix in fixes if fix.plan is not None), None)


def judged(case: Case) -> bool:
    """Print a case; returns whether it is as it must not be."""
    print(case.row(), flush=True)
    must = case.recipe in MUST_PASS or case.recipe.endswith("mended")
    bad = (must and not case.spotless) or not case.foreseen
    if bad:
        words = [*case.parser.errors, *case.parser.warnings][:3]
        print("    ✘", *(word.replace("\n", " ") for word in words), sep="\n      ")
    return bad


if __name__ == "__main__":
    sys.exit(main())
