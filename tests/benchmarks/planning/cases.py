"""One model with its images: Edgewright's plan for it, the peers', and what each of them loses."""

from dataclasses import dataclass, field
from pathlib import Path

import onnx
from planning.peers import Material, peers_of

from core.benchmark.contender_process import Contender
from core.benchmark.evaluation import evaluate
from core.data.inputs import InputSet
from core.errors import UserError
from core.formats import read_graph
from core.jobs.events import Event
from core.jobs.runner import run_job
from core.runtimes import runtimes
from core.search.choice import latency_of
from core.search.images import PreparedImages, prepare_images
from core.search.report import Candidate, Goal, OptimizationReport
from core.search.request import OptimizeRequest

OURS = "edgewright"
EXACT = "onnxruntime"


@dataclass(frozen=True)
class Case:
    """“NAME=MODEL:IMAGES” or “NAME=MODEL:IMAGES:HEIGHTxWIDTH” for free sizes."""

    name: str
    model: Path
    images: Path
    size: tuple[int, int] | None

    @staticmethod
    def parse(text: str) -> "Case":
        name, _, rest = text.partition("=")
        model, images, *size = rest.split(":")
        fixed = None
        if size:
            height, width = size[0].split("x")
            fixed = int(height), int(width)
        return Case(name, Path(model), Path(images), fixed)


@dataclass
class Field:
    """All contenders of a case, and the points that each loses against the original."""

    contenders: list[Contender] = field(default_factory=list[Contender])
    drops: dict[str, float] = field(default_factory=dict[str, float])
    scores: dict[str, str] = field(default_factory=dict[str, str])
    """By every metric that fits, the limiting one first."""
    metric: str = ""
    plan: str = ""
    evaluation: Path = Path()
    report: OptimizationReport | None = None


def prepared_field(case: Case, folder: Path, args: "Settings") -> Field:
    """Make everybody's model and judge it on images that nobody calibrated with."""
    folder.mkdir(parents=True, exist_ok=True)
    model = _fixed(case, folder / "model.onnx")
    found = Field()
    ours = _ours(case, model, folder, args, found)
    images = _images(model, case, folder, found)
    rows = InputSet(images.calibration, images.input_name)
    material = Material(
        model, images.input_name, images.calibration, min(rows.count, 100), args.threads
    )
    found.contenders = [*peers_of(material, folder, args.nncf), ours]
    found.evaluation = images.evaluation
    _judge(found, images, folder)
    return found


@dataclass(frozen=True)
class Settings:
    """What holds for all cases."""

    threads: int
    max_drop: float
    effort: str
    nncf: Path | None


def _ours(case: Case, model: Path, folder: Path, args: Settings, found: Field) -> Contender:
    def show(event: Event) -> None:
        if event.type == "step":
            print(f"  {case.name}: {event.title}", flush=True)

    request = OptimizeRequest(
        model=model,
        data=case.images,
        goal=Goal(max_drop=args.max_drop),
        threads=args.threads,
        effort="quick" if args.effort == "quick" else "thorough",
        solve=True,
    )
    run = folder / "run"
    made = run / "outcome.json"
    if not made.exists():
        run_job("optimize", request, run, show)
    report = OptimizationReport.model_validate_json(made.read_bytes())
    best = _best(report)
    assert best.plan.runtime is not None and best.model is not None
    found.plan, found.report = best.label, report
    return Contender(id=OURS, label=best.label, model=run / best.model, choice=best.plan.runtime)


def _best(report: OptimizationReport) -> Candidate:
    """The fastest that was measured and stays within the limit, originals included."""
    sound = {"chosen", "within limit", "baseline"}
    measured = [c for c in report.candidates if c.benchmark and c.standing in sound]
    return min(measured, key=latency_of)


def _images(model: Path, case: Case, folder: Path, found: Field) -> PreparedImages:
    assert found.report is not None
    return prepare_images(
        model,
        read_graph(model),
        runtimes()[EXACT],
        case.images,
        contract=found.report.contract,
        folder=folder,
        progress=lambda done, total, text: None,
    )


def _judge(found: Field, images: PreparedImages, folder: Path) -> None:
    exact = next(c for c in found.contenders if c.id == "ort")
    reference = evaluate(exact, images.evaluation, folder / "outputs-reference")
    judge = images.judge(reference)
    found.metric = judge.limiting.label
    for contender in found.contenders:
        try:
            outputs = evaluate(contender, images.evaluation, folder / f"outputs-{contender.id}")
            judgement = judge.judge(outputs)
            found.drops[contender.id] = judgement.drop.value
            words = (f"{score.label} {score.value:.4g}" for score in judgement.scores)
            found.scores[contender.label] = ", ".join(words)
        except UserError as error:
            print(f"  {contender.label}: {error}"[:200])


def _fixed(case: Case, target: Path) -> Path:
    """The model with its input's sizes fixed and its operators as new as quantizers need."""
    model = onnx.load(case.model)
    if model.opset_import[0].version < 13:
        model = onnx.version_converter.convert_version(model, 13)
    if case.size is not None:
        shape = model.graph.input[0].type.tensor_type.shape
        for dimension, size in zip(shape.dim, (1, 3, *case.size), strict=True):
            dimension.Clear()
            dimension.dim_value = size
        for output in model.graph.output:
            output.type.tensor_type.ClearField("shape")
        del model.graph.value_info[:]
        model = onnx.shape_inference.infer_shapes(model)
    onnx.save(model, target)
    return target
